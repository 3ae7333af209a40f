// An audit that could not be run says so in a column of its own, and has no differences: it had an object in the place
// of their list.
module.exports = class FailedAudits1795620000000 {
  name = 'FailedAudits1795620000000'

  async up(db) {
    await db.query(
      'ALTER TABLE audit_run ADD COLUMN failure text, ALTER COLUMN differences DROP NOT NULL',
    )
    await db.query(
      "UPDATE audit_run SET failure = differences->>'failed', differences = NULL WHERE jsonb_typeof(differences) = 'object'",
    )
    await db.query(
      "ALTER TABLE audit_run ADD CONSTRAINT ck_audit_run_result CHECK ((failure IS NULL) = (differences IS NOT NULL) AND jsonb_typeof(differences) = 'array')",
    )
  }

  async down(db) {
    await db.query('ALTER TABLE audit_run DROP CONSTRAINT ck_audit_run_result')
    await db.query(
      "UPDATE audit_run SET differences = jsonb_build_object('failed', failure) WHERE failure IS NOT NULL",
    )
    await db.query(
      'ALTER TABLE audit_run DROP COLUMN failure, ALTER COLUMN differences SET NOT NULL',
    )
  }
}
