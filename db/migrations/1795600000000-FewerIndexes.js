// Indexes by identifier cost most: each new row goes to another page of each of them. Rows of these two tables that are
// open are found by the partial indexes of open rows; only ended ones, which few registrations make, need others.
// Rows written before keep the ids they have.
module.exports = class FewerIndexes1795600000000 {
  name = 'FewerIndexes1795600000000'

  async up(db) {
    await db.query('DROP INDEX "IDX_db6d3bd7d02fd6e83b94be3206"')
    await db.query(
      'CREATE INDEX ix_issued_serial_ended_of ON issued_serial (auto_id) WHERE block_to IS NOT NULL',
    )
    await db.query('DROP INDEX "IDX_b101ddf30cc847bfdd0b11c6cf"')
    await db.query(
      'CREATE INDEX ix_auto_id_version_ended_issuer ON auto_id_version (issuer_id, first_event_id) WHERE block_to IS NOT NULL',
    )
    await db.query('DROP INDEX "IDX_525d578cd5584714fa31919c82"')
  }

  async down(db) {
    await db.query(
      'CREATE INDEX "IDX_525d578cd5584714fa31919c82" ON certificate (registration_id)',
    )
    await db.query('DROP INDEX ix_auto_id_version_ended_issuer')
    await db.query(
      'CREATE INDEX "IDX_b101ddf30cc847bfdd0b11c6cf" ON auto_id_version (issuer_id, auto_id)',
    )
    await db.query('DROP INDEX ix_issued_serial_ended_of')
    await db.query(
      'CREATE UNIQUE INDEX "IDX_db6d3bd7d02fd6e83b94be3206" ON issued_serial (auto_id, serial, block_from)',
    )
  }
}
