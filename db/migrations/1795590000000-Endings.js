// Verdicts: what ended an identity after the asked moment, however many renewals lie between. No registration and no
// renewal pays for it.
module.exports = class Endings1795590000000 {
  name = 'Endings1795590000000'

  async up(db) {
    await db.query(
      "CREATE INDEX ix_registry_event_ending ON registry_event (auto_id, id) WHERE kind IN ('REVOKED', 'DEACTIVATED')",
    )
  }

  async down(db) {
    await db.query('DROP INDEX ix_registry_event_ending')
  }
}
