// Who holds a key, in the order of identifiers: with thousands of holders a page of them was found by walking through
// identifiers of any key.
module.exports = class KeyHolders1795610000000 {
  name = 'KeyHolders1795610000000'

  async up(db) {
    await db.query(
      'CREATE INDEX "IDX_6a35513d63ca0fdba4fefe1ec0" ON auto_id_version (public_key_sha256, auto_id)',
    )
    await db.query('DROP INDEX "IDX_284985e0c87150267436650391"')
  }

  async down(db) {
    await db.query(
      'CREATE INDEX "IDX_284985e0c87150267436650391" ON auto_id_version (public_key_sha256)',
    )
    await db.query('DROP INDEX "IDX_6a35513d63ca0fdba4fefe1ec0"')
  }
}
