CREATE TABLE fulfill_claim (
	number INTEGER NOT NULL,
	order_id TEXT NOT NULL,
	line_id TEXT NOT NULL,
	sku TEXT NOT NULL,
	supply_id TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	made_at DATETIME,
	PRIMARY KEY (number)
);
CREATE INDEX ix_fulfill_claim_order ON fulfill_claim (order_id);
CREATE INDEX ix_fulfill_claim_sku ON fulfill_claim (sku);
CREATE TABLE fulfill_intake (
	location TEXT NOT NULL,
	order_id TEXT NOT NULL,
	day DATE NOT NULL,
	PRIMARY KEY (location, order_id)
);
CREATE TABLE fulfill_location (
	id TEXT NOT NULL,
	version INTEGER NOT NULL,
	document TEXT,
	PRIMARY KEY (id)
);
CREATE TABLE fulfill_lot (
	sku TEXT NOT NULL,
	location TEXT NOT NULL,
	lot TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	expires_at DATETIME,
	received_at DATETIME,
	quarantined BOOLEAN NOT NULL,
	PRIMARY KEY (sku, location, lot)
);
CREATE TABLE fulfill_outbox (
	number INTEGER NOT NULL,
	id TEXT NOT NULL,
	order_id TEXT NOT NULL,
	content TEXT NOT NULL,
	due_at DATETIME,
	attempts INTEGER NOT NULL,
	reason TEXT NOT NULL,
	sent_at DATETIME,
	written_at DATETIME,
	doubts INTEGER,
	PRIMARY KEY (number),
	UNIQUE (id)
);
CREATE INDEX ix_fulfill_outbox_due ON fulfill_outbox (due_at, order_id, number) WHERE sent_at IS NULL;
CREATE INDEX ix_fulfill_outbox_order ON fulfill_outbox (order_id);
CREATE TABLE fulfill_plan (
	id TEXT NOT NULL,
	at DATETIME NOT NULL,
	PRIMARY KEY (id)
);
CREATE TABLE fulfill_record (
	order_id TEXT NOT NULL,
	version INTEGER NOT NULL,
	is_open BOOLEAN,
	placed_at DATETIME,
	outcome TEXT,
	document TEXT,
	decision TEXT,
	PRIMARY KEY (order_id)
);
CREATE INDEX ix_fulfill_record_open ON fulfill_record (order_id) WHERE is_open;
CREATE TABLE fulfill_reservation (
	number INTEGER NOT NULL,
	order_id TEXT NOT NULL,
	line_id TEXT NOT NULL,
	sku TEXT NOT NULL,
	location TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	made_at DATETIME,
	expires_at DATETIME,
	lot TEXT NOT NULL,
	PRIMARY KEY (number)
);
CREATE INDEX ix_fulfill_reservation_day ON fulfill_reservation (location, made_at);
CREATE INDEX ix_fulfill_reservation_order ON fulfill_reservation (order_id);
CREATE INDEX ix_fulfill_reservation_sku ON fulfill_reservation (sku, location);
CREATE TABLE fulfill_sku (
	sku TEXT NOT NULL,
	version INTEGER NOT NULL,
	item TEXT,
	PRIMARY KEY (sku)
);
CREATE TABLE fulfill_stock (
	sku TEXT NOT NULL,
	location TEXT NOT NULL,
	on_hand BIGINT NOT NULL,
	safety BIGINT NOT NULL,
	PRIMARY KEY (sku, location)
);
CREATE TABLE fulfill_supply (
	sku TEXT NOT NULL,
	id TEXT NOT NULL,
	quantity BIGINT NOT NULL,
	expected_at DATETIME,
	expected_on DATE,
	location TEXT NOT NULL,
	order_id TEXT NOT NULL,
	PRIMARY KEY (sku, id)
);
