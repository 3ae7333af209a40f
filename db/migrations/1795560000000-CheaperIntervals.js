// Intervals kept apart at a fifth of the cost. The GiST indexes of all rows were a third of what a registration cost
// Postgres. Now: open rows are unique by a btree (it was there already), ended rows exclude each other by a GiST index of
// ended rows only, and a trigger keeps open and ended ones apart, by those same two indexes.
const id = (row) => `(substr(${row}auto_id, 3, 32)::uuid)`
const serial = (row) => `(substr(encode(sha256(${row}serial::bytea), 'hex'), 1, 32)::uuid)`
const tables = {
  auto_id_version: [id],
  issued_serial: [id, serial],
  registration: [id],
  certificate: [id],
}
const columns = {
  auto_id_version: ['auto_id'],
  issued_serial: ['auto_id', 'serial'],
  registration: ['auto_id'],
  certificate: ['auto_id'],
}

const exclusion = (table, where) =>
  `ALTER TABLE ${table} ADD CONSTRAINT ex_${table} EXCLUDE USING gist (${tables[table]
    .map((key) => `${key('')} WITH =, `)
    .join('')}int4range(block_from, block_to) WITH &&) ${where}`

// Set-wise: one look at an index for each changed row, once a statement. Two transactions at once would not see each
// other here; the processor's lock lets only one write.
const openRows = (table) => `
  CREATE FUNCTION ex_${table}_open() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    clash text;
  BEGIN
    SELECT fresh.id INTO clash
      FROM fresh JOIN ${table} ended
        ON ${tables[table].map((key) => `${key('ended.')} = ${key('fresh.')}`).join(' AND ')}
       AND int4range(ended.block_from, ended.block_to) && int4range(fresh.block_from, NULL)
     WHERE fresh.block_to IS NULL AND ended.block_to IS NOT NULL
     LIMIT 1;
    IF clash IS NULL THEN
      SELECT fresh.id INTO clash
        FROM fresh JOIN ${table} held
          ON ${columns[table].map((column) => `held.${column} = fresh.${column}`).join(' AND ')}
         AND held.block_from < fresh.block_to
       WHERE fresh.block_to > fresh.block_from AND held.block_to IS NULL
       LIMIT 1;
    END IF;
    IF clash IS NOT NULL THEN
      RAISE EXCEPTION 'conflicting intervals violate "ex_${table}_open"'
        USING ERRCODE = 'exclusion_violation', TABLE = '${table}', CONSTRAINT = 'ex_${table}_open', DETAIL = clash;
    END IF;
    RETURN NULL;
  END $$`

const trigger = (table, event) =>
  `CREATE TRIGGER ex_${table}_${event.toLowerCase()} AFTER ${event} ON ${table} REFERENCING NEW TABLE AS fresh
     FOR EACH STATEMENT EXECUTE FUNCTION ex_${table}_open()`

// Indexes of rows that hold still are indexes of nothing: rollbacks ask for ended ones. No question asks for
// registrations by key.
const indexes = [
  'DROP INDEX "IDX_60cb06f084e3ddc3a9880fcda4"',
  'DROP INDEX "IDX_ee55d5a730a91bae5ec72555cd"',
  'DROP INDEX "IDX_8416f460ab1066a1b11d65d29f"',
  'CREATE INDEX ix_auto_id_version_ended ON auto_id_version (block_to) WHERE block_to IS NOT NULL',
  'CREATE INDEX ix_certificate_ended ON certificate (block_to) WHERE block_to IS NOT NULL',
]
const formerIndexes = [
  'DROP INDEX ix_certificate_ended',
  'DROP INDEX ix_auto_id_version_ended',
  'CREATE INDEX "IDX_8416f460ab1066a1b11d65d29f" ON registration (public_key_sha256)',
  'CREATE INDEX "IDX_ee55d5a730a91bae5ec72555cd" ON certificate (block_to)',
  'CREATE INDEX "IDX_60cb06f084e3ddc3a9880fcda4" ON auto_id_version (block_to)',
]

module.exports = class CheaperIntervals1795560000000 {
  name = 'CheaperIntervals1795560000000'

  async up(db) {
    for (const table of Object.keys(tables)) {
      await db.query(`ALTER TABLE ${table} DROP CONSTRAINT ex_${table}`)
      await db.query(exclusion(table, 'WHERE (block_to IS NOT NULL)'))
      await db.query(openRows(table))
      await db.query(trigger(table, 'INSERT'))
      await db.query(trigger(table, 'UPDATE'))
    }
    for (const statement of indexes) await db.query(statement)
  }

  async down(db) {
    for (const statement of formerIndexes) await db.query(statement)
    for (const table of Object.keys(tables)) {
      await db.query(`DROP FUNCTION ex_${table}_open() CASCADE`)
      await db.query(`ALTER TABLE ${table} DROP CONSTRAINT ex_${table}`)
      await db.query(exclusion(table, ''))
    }
  }
}
