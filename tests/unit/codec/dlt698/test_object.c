/* The tables: ascending, unique, named in both languages, found by their own key; lists have parts
 * that take bytes. */
#include "codec/dlt698/object.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

static void test_objects(void **state)
{
    (void)state;
    uint32_t next = 0;
    size_t count = 0;
    for (const dlt698_object *o = dlt698_object_at(0); o != NULL; o = dlt698_object_at(++count)) {
        assert_true(o->oi >= next);
        next = (uint32_t)o->oi + o->phases + 1U;
        assert_true(o->zh[0] != '\0' && o->en[0] != '\0');
        for (uint16_t p = 0; p <= o->phases; p++) {
            assert_ptr_equal(dlt698_object_of((uint16_t)(o->oi + p)), o);
        }
    }
    assert_true(count >= 400);
    assert_int_equal(dlt698_object_clause(0x0010), 1);
    assert_int_equal(dlt698_object_clause(0xF301), 13);
    assert_int_equal(dlt698_object_clause(0x9000), 0);
    assert_null(dlt698_object_of(0xFFFF));
    assert_null(dlt698_object_of(0x0004));
}

static void test_others(void **state)
{
    (void)state;
    size_t i = 0;
    for (const dlt698_attribute *a = dlt698_attribute_at(0); a != NULL;
         a = dlt698_attribute_at(++i)) {
        assert_ptr_equal(dlt698_attribute_of(a->class_id, a->number), a);
        assert_ptr_equal(dlt698_attribute_of(a->class_id, a->number | 0x20), a);
    }
    assert_null(dlt698_attribute_of(1, 9));
    assert_null(dlt698_attribute_of(200, 2));
    i = 0;
    for (const dlt698_member *m = dlt698_member_at(0); m != NULL; m = dlt698_member_at(++i)) {
        assert_ptr_equal(dlt698_member_of(m->oi, m->attribute, m->nth), m);
        assert_non_null(dlt698_object_of(m->oi));
    }
    assert_null(dlt698_member_of(0x202C, 2, 2));
    i = 0;
    for (const dlt698_method *m = dlt698_method_at(0); m != NULL; m = dlt698_method_at(++i)) {
        if (m->oi != 0) {
            assert_ptr_equal(dlt698_method_of(m->oi, m->number), m);
            assert_non_null(dlt698_object_of(m->oi));
        }
        assert_true(m->zh[0] != '\0' && m->en[0] != '\0');
    }
    assert_true(i >= 140);
    assert_string_equal(dlt698_method_of(0x4300, 1)->en, "Restart");      /* of its class */
    assert_string_equal(dlt698_method_of(0x8000, 1)->en, "Reset");        /* of all */
    assert_string_equal(dlt698_method_of(0x8000, 129)->en, "Open relay"); /* its own */
    assert_string_equal(dlt698_method_of(0x0000, 1)->en, "Reset");
    assert_null(dlt698_method_of(0x8000, 3));
    assert_null(dlt698_method_of(0xFFFF, 3));
    for (unsigned code = 0; code < 256; code++) {
        assert_true((dlt698_dar_of((uint8_t)code) != NULL) == (code <= 35 || code == 255));
    }
}

static void test_types(void **state)
{
    (void)state;
    unsigned tags = 0;
    for (unsigned tag = 0; tag < 256; tag++) {
        dlt698_type type = DLT698_TYPE_DATA;
        if (dlt698_type_of_tag((uint8_t)tag, &type)) {
            assert_int_equal(dlt698_type_of(type)->tag, tag);
            tags++;
        }
    }
    assert_int_equal(tags, 40);
    for (unsigned t = 0; t <= DLT698_TYPE_ERROR_RESPONSE; t++) {
        const dlt698_type_row *row = dlt698_type_of((dlt698_type)t);
        size_t count = 0;
        const dlt698_part *part = dlt698_parts_of((dlt698_type)t, &count);
        const bool one = row->shape == DLT698_SHAPE_LIST || row->shape == DLT698_SHAPE_OPTION ||
                         row->shape == DLT698_SHAPE_ROWS;
        if (one) {
            assert_int_equal(count, 1);
            assert_int_not_equal(part->type, DLT698_TYPE_NULL); /* a member takes bytes */
        } else if (row->shape == DLT698_SHAPE_SEQUENCE || row->shape == DLT698_SHAPE_CHOICE) {
            assert_true(count > 0);
        } else {
            assert_int_equal(count, 0);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_objects),
                                       cmocka_unit_test(test_others), cmocka_unit_test(test_types)};
    return cmocka_run_group_tests_name("codec/dlt698/object", tests, NULL, NULL);
}
