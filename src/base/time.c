/* The proleptic Gregorian calendar between 1970 and 2099, where every fourth year is a leap year
 * (2000 included), so the arithmetic is short. */
#include "base/time.h"

enum {
    YEAR_FIRST = 1970,
    YEAR_LAST = 2099,
    DAYS_FOUR_YEARS = 1461,
    DAY_LAST = 47481, /* 2099-12-31 */
    MS_SECOND = 1000,
    MS_MINUTE = 60 * MS_SECOND,
};

static const int64_t ms_day = INT64_C(86400000);
static const uint16_t days_before_month[2][13] = {
    {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
};

static unsigned leap(int year)
{
    return year % 4 == 0 ? 1 : 0;
}

static int days_in_month(int year, unsigned month)
{
    return days_before_month[leap(year)][month] - days_before_month[leap(year)][month - 1];
}

bool gt_civil_valid(const gt_civil *civil)
{
    if (civil->year < YEAR_FIRST || civil->year > YEAR_LAST || civil->month < 1 ||
        civil->month > 12 || civil->day < 1) {
        return false;
    }
    return (civil->day <= 28 || civil->day <= days_in_month(civil->year, civil->month)) &&
           civil->hour <= 23 && civil->minute <= 59 && civil->second <= 59;
}

bool gt_civil_equal(const gt_civil *a, const gt_civil *b)
{
    return a->year == b->year && a->month == b->month && a->day == b->day && a->hour == b->hour &&
           a->minute == b->minute && a->second == b->second;
}

int32_t gt_civil_day(const gt_civil *civil)
{
    const int32_t years = civil->year - YEAR_FIRST;
    const int32_t leaps = (years + 1) / 4; /* 1972 is the first */
    return years * 365 + leaps + days_before_month[leap(civil->year)][civil->month - 1] +
           civil->day - 1;
}

gt_err gt_civil_of_day(int32_t day, gt_civil *out)
{
    if (day < 0 || day > DAY_LAST) {
        return GT_ERR_RANGE;
    }
    const int32_t from_1968 = day + 731;
    int32_t rest = from_1968 % DAYS_FOUR_YEARS;
    int year = 1968 + from_1968 / DAYS_FOUR_YEARS * 4;
    if (rest >= 366) {
        year += 1 + (rest - 366) / 365;
        rest = (rest - 366) % 365;
    }
    unsigned month = 1;
    while (rest >= days_before_month[leap(year)][month]) {
        month++;
    }
    *out = (gt_civil){.year = (int16_t)year,
                      .month = (uint8_t)month,
                      .day = (uint8_t)(rest - days_before_month[leap(year)][month - 1] + 1)};
    return GT_ERR_OK;
}

gt_err gt_utc_of_civil(const gt_civil *civil, int zone_min, gt_utc *out)
{
    if (!gt_civil_valid(civil)) {
        return GT_ERR_RANGE;
    }
    const int64_t second_of_day =
        (int64_t)civil->hour * 3600 + (int64_t)civil->minute * 60 + civil->second;
    out->ms =
        gt_civil_day(civil) * ms_day + second_of_day * MS_SECOND - (int64_t)zone_min * MS_MINUTE;
    return GT_ERR_OK;
}

gt_err gt_civil_of_utc(gt_utc utc, int zone_min, gt_civil *out)
{
    int64_t local_ms = 0;
    if (__builtin_add_overflow(utc.ms, (int64_t)zone_min * MS_MINUTE, &local_ms) || local_ms < 0 ||
        local_ms / ms_day > DAY_LAST) {
        return GT_ERR_RANGE;
    }
    gt_civil civil = {0};
    GT_TRY(gt_civil_of_day((int32_t)(local_ms / ms_day), &civil));
    const int32_t second = (int32_t)(local_ms % ms_day / MS_SECOND);
    civil.hour = (uint8_t)(second / 3600);
    civil.minute = (uint8_t)(second / 60 % 60);
    civil.second = (uint8_t)(second % 60);
    *out = civil;
    return GT_ERR_OK;
}

unsigned gt_civil_weekday(const gt_civil *civil)
{
    return (unsigned)((gt_civil_day(civil) + 4) % 7); /* 1970-01-01 was a Thursday */
}

static void put_digits(char *at, unsigned value, unsigned count)
{
    for (unsigned i = count; i > 0; i--) {
        at[i - 1] = (char)('0' + value % 10);
        value /= 10;
    }
}

void gt_utc_iso(gt_utc utc, char buf[GT_ISO_MAX])
{
    gt_civil civil = {0};
    if (gt_civil_of_utc(utc, 0, &civil) != GT_ERR_OK) {
        buf[0] = '-';
        buf[1] = '\0';
        return;
    }
    static const char form[GT_ISO_MAX] = "0000-00-00T00:00:00.000Z";
    for (unsigned i = 0; i < GT_ISO_MAX; i++) {
        buf[i] = form[i];
    }
    put_digits(buf, (unsigned)civil.year, 4);
    put_digits(buf + 5, civil.month, 2);
    put_digits(buf + 8, civil.day, 2);
    put_digits(buf + 11, civil.hour, 2);
    put_digits(buf + 14, civil.minute, 2);
    put_digits(buf + 17, civil.second, 2);
    put_digits(buf + 20, (unsigned)(utc.ms % MS_SECOND), 3);
}
