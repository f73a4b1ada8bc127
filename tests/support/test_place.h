/**
 * @file test_place.h
 * @brief An empty database for a test: SQLite in memory, or a new schema of a real PostgreSQL.
 *
 * tests/support/postgres.py starts a server, names it in GRIDTILL_TEST_POSTGRES and runs a test
 * that was written for either.
 */
#ifndef GT_TESTS_SUPPORT_TEST_PLACE_H
#define GT_TESTS_SUPPORT_TEST_PLACE_H

#include "adapter/store/connection.h"

store_place test_place(store_db db);

#endif
