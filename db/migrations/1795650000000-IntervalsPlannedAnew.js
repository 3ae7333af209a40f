// Planned anew for each statement, by the size the table has then, and one look at an index for each changed row. A function
// keeps the plan of its first call, made for a table that is empty: from then on each batch read every open row.
const id = (row) => `(substr(${row}auto_id, 3, 32)::uuid)`
const serial = (row) => `(substr(encode(sha256(${row}serial::bytea), 'hex'), 1, 32)::uuid)`
const tables = {
  auto_id_version: { keys: [id], columns: ['auto_id'] },
  issued_serial: { keys: [id, serial], columns: ['auto_id', 'serial'] },
  registration: { keys: [id], columns: ['auto_id'] },
  certificate: { keys: [id], columns: ['auto_id'] },
}
const sameKeys = ({ keys }) => keys.map((key) => `${key('ended.')} = ${key('fresh.')}`).join(' AND ')
const sameColumns = ({ columns }) => columns.map((column) => `held.${column} = fresh.${column}`).join(' AND ')

const plannedAnew = (table, of) => `
    EXECUTE $sql$
      SELECT fresh.id FROM fresh CROSS JOIN LATERAL (
        SELECT FROM ${table} ended
         WHERE ${sameKeys(of)}
           AND int4range(ended.block_from, ended.block_to) && int4range(fresh.block_from, NULL)
           AND ended.block_to IS NOT NULL
         LIMIT 1) found
       WHERE fresh.block_to IS NULL LIMIT 1 $sql$ INTO clash;
    IF clash IS NULL THEN
      EXECUTE $sql$
        SELECT fresh.id FROM fresh CROSS JOIN LATERAL (
          SELECT FROM ${table} held
           WHERE ${sameColumns(of)}
             AND held.block_from < fresh.block_to AND held.block_to IS NULL
           LIMIT 1) found
         WHERE fresh.block_to > fresh.block_from LIMIT 1 $sql$ INTO clash;
    END IF;`

/** As `CheaperIntervals` has it. */
const plannedOnce = (table, of) => `
    SELECT fresh.id INTO clash
      FROM fresh JOIN ${table} ended
        ON ${sameKeys(of)}
       AND int4range(ended.block_from, ended.block_to) && int4range(fresh.block_from, NULL)
     WHERE fresh.block_to IS NULL AND ended.block_to IS NOT NULL
     LIMIT 1;
    IF clash IS NULL THEN
      SELECT fresh.id INTO clash
        FROM fresh JOIN ${table} held
          ON ${sameColumns(of)}
         AND held.block_from < fresh.block_to
       WHERE fresh.block_to > fresh.block_from AND held.block_to IS NULL
       LIMIT 1;
    END IF;`

const openRows = (table, questions) => `
  CREATE OR REPLACE FUNCTION ex_${table}_open() RETURNS trigger LANGUAGE plpgsql AS $$
  DECLARE
    clash text;
  BEGIN${questions}
    IF clash IS NOT NULL THEN
      RAISE EXCEPTION 'conflicting intervals violate "ex_${table}_open"'
        USING ERRCODE = 'exclusion_violation', TABLE = '${table}', CONSTRAINT = 'ex_${table}_open', DETAIL = clash;
    END IF;
    RETURN NULL;
  END $$`

async function replace(db, questions) {
  for (const [table, of] of Object.entries(tables)) await db.query(openRows(table, questions(table, of)))
}

module.exports = class IntervalsPlannedAnew1795650000000 {
  name = 'IntervalsPlannedAnew1795650000000'

  up(db) {
    return replace(db, plannedAnew)
  }

  down(db) {
    return replace(db, plannedOnce)
  }
}
