// Search by name: an index of trigrams reads every name that shares them, which grows with the index; names that begin
// with a text are one range of this one, and the exact name is its first row.
module.exports = class NameBeginnings1795570000000 {
  name = 'NameBeginnings1795570000000'

  async up(db) {
    await db.query(
      'CREATE INDEX ix_auto_id_version_open_name_begin ON auto_id_version (lower(common_name) text_pattern_ops) WHERE block_to IS NULL',
    )
  }

  async down(db) {
    await db.query('DROP INDEX ix_auto_id_version_open_name_begin')
  }
}
