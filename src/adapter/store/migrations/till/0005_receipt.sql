-- Every print of a receipt. The first is the receipt, later ones are copies.
CREATE TABLE receipt_print (
    order_id INTEGER NOT NULL REFERENCES credit_order (id),
    no INTEGER NOT NULL CHECK (no > 0),
    at_ms INTEGER NOT NULL,
    operator TEXT NOT NULL,
    PRIMARY KEY (order_id, no)
) STRICT;
