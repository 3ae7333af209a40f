// Which indexes of readers are missing while an empty index catches up with its chain, and how each is made: src/store/postponed-indexes.ts.
module.exports = class PostponedIndexes1795640000000 {
  name = 'PostponedIndexes1795640000000'

  async up(db) {
    await db.query(
      'CREATE TABLE "postponed_index" ("id" character varying NOT NULL, "definition" text NOT NULL, CONSTRAINT "PK_POSTPONED" PRIMARY KEY ("id"))',
    )
  }

  async down(db) {
    for (const { definition } of await db.query('SELECT definition FROM postponed_index')) await db.query(definition)
    await db.query('DROP TABLE "postponed_index"')
  }
}
