// Verdicts: the newest advisories of each kind, of one identifier. Newest first alone, who renews a thousand times pushes
// out what a policy rejects, or has every row read.
module.exports = class AdvisoriesByKind1795580000000 {
  name = 'AdvisoriesByKind1795580000000'

  async up(db) {
    await db.query('CREATE INDEX ix_advisory_kind ON advisory (auto_id, code, id)')
  }

  async down(db) {
    await db.query('DROP INDEX ix_advisory_kind')
  }
}
