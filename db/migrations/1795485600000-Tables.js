// Generated from the model; what stands under "by hand" is what entities cannot say. Names that begin with
// `ix_` and `ex_` are known to migrations alone, and the drift check leaves them be.
const tables = [
  `CREATE TABLE "chain_info" ("id" character varying NOT NULL, "genesis_hash" text NOT NULL, "spec_name" text NOT NULL, "ss58_prefix" integer NOT NULL, "token_symbol" text NOT NULL, "token_decimals" integer NOT NULL, CONSTRAINT "PK_1b82ce2acbc16bfc7f84bfdc8ff" PRIMARY KEY ("id"))`,
  `CREATE TABLE "index_status" ("id" character varying NOT NULL, "height" integer NOT NULL, "hash" text NOT NULL, "finalized_height" integer NOT NULL, "finalized_hash" text NOT NULL, "node_height" integer, "node_hash" text, "confirmed_at" TIMESTAMP WITH TIME ZONE, "error" text, "error_at" TIMESTAMP WITH TIME ZONE, "reorg_count" integer NOT NULL, "deepest_reorg" integer NOT NULL, CONSTRAINT "PK_bcbf2e4166f12f9801a70ad181b" PRIMARY KEY ("id"))`,
  `CREATE TABLE "block" ("id" character varying NOT NULL, "height" integer NOT NULL, "parent_hash" text NOT NULL, "state_root" text NOT NULL, "extrinsics_root" text NOT NULL, "timestamp" TIMESTAMP WITH TIME ZONE NOT NULL, "spec_version" integer NOT NULL, "event_count" integer NOT NULL, "extrinsic_count" integer NOT NULL, CONSTRAINT "PK_d0925763efb591c2e2ffb267572" PRIMARY KEY ("id"))`,
  `CREATE UNIQUE INDEX "IDX_bce676e2b005104ccb768495db" ON "block" ("height")`,
  `CREATE INDEX "IDX_5c67cbcf4960c1a39e5fe25e87" ON "block" ("timestamp")`,
  `CREATE TABLE "auto_id_version" ("id" character varying NOT NULL, "auto_id" text NOT NULL, "block_from" integer NOT NULL, "block_to" integer, "active" boolean NOT NULL, "kind" character varying(4) NOT NULL, "issuer_id" text, "common_name_bytes" bytea NOT NULL, "common_name" text NOT NULL, "serial" text NOT NULL, "nonce" numeric NOT NULL, "public_key_sha256" text NOT NULL, "not_before" TIMESTAMP WITH TIME ZONE NOT NULL, "not_after" TIMESTAMP WITH TIME ZONE NOT NULL, "registration_id" text NOT NULL, "certificate_id" text NOT NULL, "first_event_id" text NOT NULL, CONSTRAINT "PK_237e3fe1c7f0e80832cca8e8e3d" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_519fb62a2b0ea1cef210975908" ON "auto_id_version" ("block_from")`,
  `CREATE INDEX "IDX_60cb06f084e3ddc3a9880fcda4" ON "auto_id_version" ("block_to")`,
  `CREATE INDEX "IDX_284985e0c87150267436650391" ON "auto_id_version" ("public_key_sha256")`,
  `CREATE INDEX "IDX_0832ae768c65aec5eb6a2468a1" ON "auto_id_version" ("not_after")`,
  `CREATE INDEX "IDX_b101ddf30cc847bfdd0b11c6cf" ON "auto_id_version" ("issuer_id", "auto_id")`,
  `CREATE UNIQUE INDEX "IDX_557398dc65153528df86e5f58c" ON "auto_id_version" ("auto_id", "block_from")`,
  `CREATE TABLE "issued_serial" ("id" character varying NOT NULL, "auto_id" text NOT NULL, "serial" text NOT NULL, "block_from" integer NOT NULL, "block_to" integer, CONSTRAINT "PK_501534d11e5d6e348fdb526760a" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_1b5f7c2a6ffa306edb50fde072" ON "issued_serial" ("block_from")`,
  `CREATE UNIQUE INDEX "IDX_db6d3bd7d02fd6e83b94be3206" ON "issued_serial" ("auto_id", "serial", "block_from")`,
  `CREATE TABLE "revocation" ("id" character varying NOT NULL, "issuer_id" text NOT NULL, "serial" text NOT NULL, "block" integer NOT NULL, "reason" character varying(10) NOT NULL, "event_id" text, "certificate_id" text, CONSTRAINT "PK_196970016cd219911e674e75e21" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_a4518a9abbca7c26fed1231618" ON "revocation" ("serial")`,
  `CREATE INDEX "IDX_8b11e6792c503a57215573193d" ON "revocation" ("block")`,
  `CREATE INDEX "IDX_ebf467665557472b12c7986018" ON "revocation" ("issuer_id", "block")`,
  `CREATE TABLE "registration" ("id" character varying NOT NULL, "auto_id" text NOT NULL, "ordinal" integer NOT NULL, "block_from" integer NOT NULL, "event_from" text NOT NULL, "block_to" integer, "event_to" text, "public_key" bytea NOT NULL, "public_key_sha256" text NOT NULL, "public_key_algorithm" text NOT NULL, "public_key_bits" integer, "continuity" character varying(15) NOT NULL, "continuity_proof" text NOT NULL, CONSTRAINT "PK_cb23dc9d28df8801b15e9e2b8d6" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_88f4c0399bfee776b468a566df" ON "registration" ("block_from")`,
  `CREATE INDEX "IDX_8416f460ab1066a1b11d65d29f" ON "registration" ("public_key_sha256")`,
  `CREATE UNIQUE INDEX "IDX_4434b0b64f8d278081f7be6412" ON "registration" ("auto_id", "ordinal")`,
  `CREATE TABLE "certificate" ("id" character varying NOT NULL, "auto_id" text NOT NULL, "registration_id" text NOT NULL, "issuer_id" text, "issuer_certificate_id" text, "serial" text NOT NULL, "tbs" bytea NOT NULL, "signature_algorithm" bytea, "signature" bytea, "der" bytea, "rebuild_problem" text, "fingerprint" text, "tbs_fingerprint" text NOT NULL, "subject" text NOT NULL, "issuer_name" text NOT NULL, "common_name" text NOT NULL, "not_before" TIMESTAMP WITH TIME ZONE NOT NULL, "not_after" TIMESTAMP WITH TIME ZONE NOT NULL, "public_key" bytea NOT NULL, "public_key_sha256" text NOT NULL, "public_key_algorithm" text NOT NULL, "public_key_bits" integer, "signature_algorithm_name" text NOT NULL, "signature_outcome" character varying(11) NOT NULL, "extensions" jsonb, "parse_problem" text, "san_auto_id" text, "block_from" integer NOT NULL, "block_to" integer, "event_to" text, CONSTRAINT "PK_8daddfc65f59e341c2bbc9c9e43" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_525d578cd5584714fa31919c82" ON "certificate" ("registration_id")`,
  `CREATE INDEX "IDX_088cd8b7854860bc8669b6898e" ON "certificate" ("serial")`,
  `CREATE INDEX "IDX_25d3e55638b4e61e25e1b3c528" ON "certificate" ("fingerprint")`,
  `CREATE INDEX "IDX_89faf6fe8fd5c032369bf556ae" ON "certificate" ("tbs_fingerprint")`,
  `CREATE INDEX "IDX_e5b1e89d554efe4834a0c82085" ON "certificate" ("not_after")`,
  `CREATE INDEX "IDX_5b9ffe1f8036aeeb93f74f2c87" ON "certificate" ("public_key_sha256")`,
  `CREATE INDEX "IDX_c7495a94e529ae762078bd9d1d" ON "certificate" ("block_from")`,
  `CREATE INDEX "IDX_ee55d5a730a91bae5ec72555cd" ON "certificate" ("block_to")`,
  `CREATE INDEX "IDX_9bd301bd024a6ccc864d4dd351" ON "certificate" ("auto_id", "block_from")`,
  `CREATE INDEX "IDX_11b1b62799d4a736688dd822ec" ON "certificate" ("issuer_id", "serial")`,
  `CREATE TABLE "registry_event" ("id" character varying NOT NULL, "kind" character varying(11) NOT NULL, "source" character varying(7) NOT NULL, "block" integer NOT NULL, "event_index" integer NOT NULL, "extrinsic_index" integer, "extrinsic_hash" text, "call_path" text NOT NULL, "wrappers" text array NOT NULL, "signer" text, "fee" numeric, "auto_id" text NOT NULL, "registration_id" text NOT NULL, "certificate_id" text NOT NULL, "issuer_id" text, "serial" text NOT NULL, "signed_payload" bytea, "signature_algorithm" bytea, "signature" bytea, "nonce" numeric, CONSTRAINT "PK_4f7c5406e3c01c3441299031628" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_4ad6b62642a7d4a2faad9d1223" ON "registry_event" ("block")`,
  `CREATE INDEX "IDX_74342c703db1ea84ca313a5b0e" ON "registry_event" ("extrinsic_hash")`,
  `CREATE INDEX "IDX_99b7167923773c80a3b15b645c" ON "registry_event" ("issuer_id", "id")`,
  `CREATE INDEX "IDX_520afe992a93bcbc6c525a82a4" ON "registry_event" ("kind", "id")`,
  `CREATE INDEX "IDX_463a851a999c6548e3ebf1dad8" ON "registry_event" ("signer", "id")`,
  `CREATE INDEX "IDX_5ac031181093e8fdff6c64d071" ON "registry_event" ("auto_id", "id")`,
  `CREATE TABLE "failed_call" ("id" character varying NOT NULL, "call" character varying(10) NOT NULL, "status" character varying(12) NOT NULL, "error" text, "derived" boolean NOT NULL, "block" integer NOT NULL, "extrinsic_index" integer NOT NULL, "extrinsic_hash" text NOT NULL, "call_path" text NOT NULL, "wrappers" text array NOT NULL, "signer" text, "fee" numeric, "auto_id" text, "issuer_id" text, "serial" text, "tbs" bytea, "signature_algorithm" bytea NOT NULL, "signature" bytea NOT NULL, CONSTRAINT "PK_b9e21bff6088acf6daeb4abc8c6" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_fd02cb6d0354e4875d4d53cfd4" ON "failed_call" ("block")`,
  `CREATE INDEX "IDX_00c7f9ade79cbd4abcd4ee1f21" ON "failed_call" ("extrinsic_hash")`,
  `CREATE INDEX "IDX_141883ec6e3c626998b1160c4f" ON "failed_call" ("signer")`,
  `CREATE INDEX "IDX_075bef011c7328b72218f5dc2b" ON "failed_call" ("error", "id")`,
  `CREATE INDEX "IDX_d61fc7da6736951a290cd9fac8" ON "failed_call" ("auto_id", "id")`,
  `CREATE TABLE "remark" ("id" character varying NOT NULL, "block" integer NOT NULL, "extrinsic_index" integer NOT NULL, "extrinsic_hash" text NOT NULL, "call_path" text NOT NULL, "sender" text NOT NULL, "remark_hash" text NOT NULL, "remark" text, CONSTRAINT "PK_58427c64a5e9ff68e1ff44d01f9" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_b7a3ffd0780edf6fe7175fa8fa" ON "remark" ("block")`,
  `CREATE INDEX "IDX_23ffbbbed01e4960252e5d0fa5" ON "remark" ("remark_hash")`,
  `CREATE INDEX "IDX_a40a11d266b25bc49f78dc23a1" ON "remark" ("remark")`,
  `CREATE TABLE "advisory" ("id" character varying NOT NULL, "block" integer NOT NULL, "event_id" text NOT NULL, "auto_id" text NOT NULL, "certificate_id" text, "code" text NOT NULL, "severity" character varying(8) NOT NULL, "facts" jsonb NOT NULL, CONSTRAINT "PK_062aa2b6488afb9cf7a2352cdc2" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_6ebedbc910ea59c64100911cfa" ON "advisory" ("block")`,
  `CREATE INDEX "IDX_96a9dd93c4ae809e7d48c334b3" ON "advisory" ("code")`,
  `CREATE INDEX "IDX_8cfc71c1254fedab993dde0f0d" ON "advisory" ("auto_id", "id")`,
  `CREATE TABLE "quarantined_extrinsic" ("id" character varying NOT NULL, "block" integer NOT NULL, "extrinsic_index" integer NOT NULL, "extrinsic_hash" text NOT NULL, "reason" text NOT NULL, "length" integer NOT NULL, CONSTRAINT "PK_646d531d175b586a072e3426a1e" PRIMARY KEY ("id"))`,
  `CREATE INDEX "IDX_63d7f74abbe8fa78b354cac1d6" ON "quarantined_extrinsic" ("block")`,
  `CREATE TABLE "audit_run" ("id" character varying NOT NULL, "block" integer NOT NULL, "started_at" TIMESTAMP WITH TIME ZONE NOT NULL, "finished_at" TIMESTAMP WITH TIME ZONE NOT NULL, "checked" integer NOT NULL, "differences" jsonb NOT NULL, "complete" boolean NOT NULL, CONSTRAINT "PK_3ba03bb37f22b74a17578d325bf" PRIMARY KEY ("id"))`,
]

// By hand. A row holds from block_from up to but not including block_to; two rows of one thing never overlap.
// Rows begun and ended in the same block have an empty interval and collide with nothing. The keys are 128 bits as
// uuid, a third of the cost of the texts: identifiers are hashes already, serials anybody may choose.
const id = "(substr(auto_id, 3, 32)::uuid)"
const serial = "(substr(encode(sha256(serial::bytea), 'hex'), 1, 32)::uuid)"
const interval = 'int4range(block_from, block_to)'
const constraints = [
  'CREATE EXTENSION IF NOT EXISTS btree_gist',
  'CREATE EXTENSION IF NOT EXISTS pg_trgm',
  `ALTER TABLE auto_id_version
     ADD CONSTRAINT ex_auto_id_version EXCLUDE USING gist (${id} WITH =, ${interval} WITH &&)`,
  `ALTER TABLE issued_serial
     ADD CONSTRAINT ex_issued_serial EXCLUDE USING gist (${id} WITH =, ${serial} WITH =, ${interval} WITH &&)`,
  `ALTER TABLE registration
     ADD CONSTRAINT ex_registration EXCLUDE USING gist (${id} WITH =, ${interval} WITH &&)`,
  `ALTER TABLE certificate
     ADD CONSTRAINT ex_certificate EXCLUDE USING gist (${id} WITH =, ${interval} WITH &&)`,
  "ALTER TABLE chain_info ADD CONSTRAINT ck_chain_info_one_row CHECK (id = 'chain')",
  "ALTER TABLE index_status ADD CONSTRAINT ck_index_status_one_row CHECK (id = 'status')",
]

// What holds now (the common question), lists in their stable order at any moment, and the rows a rollback reopens.
const indexes = [
  'CREATE UNIQUE INDEX ix_auto_id_version_open ON auto_id_version (auto_id) WHERE block_to IS NULL',
  'CREATE INDEX ix_auto_id_version_open_issuer ON auto_id_version (issuer_id, first_event_id) WHERE block_to IS NULL',
  'CREATE INDEX ix_auto_id_version_children ON auto_id_version (issuer_id) WHERE block_to IS NULL AND active',
  'CREATE INDEX ix_auto_id_version_open_order ON auto_id_version (first_event_id) WHERE block_to IS NULL',
  'CREATE INDEX ix_auto_id_version_order ON auto_id_version (first_event_id, block_from)',
  'CREATE INDEX ix_auto_id_version_open_expiry ON auto_id_version (not_after) WHERE block_to IS NULL',
  'CREATE INDEX ix_auto_id_version_open_name ON auto_id_version USING gin (common_name gin_trgm_ops) WHERE block_to IS NULL',
  'CREATE UNIQUE INDEX ix_issued_serial_open ON issued_serial (auto_id, serial) WHERE block_to IS NULL',
  'CREATE INDEX ix_issued_serial_ended ON issued_serial (block_to) WHERE block_to IS NOT NULL',
  'CREATE UNIQUE INDEX ix_registration_open ON registration (auto_id) WHERE block_to IS NULL',
  'CREATE INDEX ix_registration_ended ON registration (block_to) WHERE block_to IS NOT NULL',
  'CREATE UNIQUE INDEX ix_certificate_open ON certificate (auto_id) WHERE block_to IS NULL',
  "CREATE INDEX ix_registration_unproven ON registration (auto_id, ordinal) WHERE continuity = 'UNPROVEN'",
  'CREATE INDEX ix_registry_event_signature ON registry_event USING hash (signature)',
  'CREATE UNIQUE INDEX ix_revocation_issuer_serial ON revocation (issuer_id, serial)',
]

// The API needs no more than to read. The role belongs to the whole server: several databases share it, and where
// we may not make roles (some hosted servers) the operator makes it.
const reader = [
  `DO $$ BEGIN
     CREATE ROLE auto_registry_reader NOLOGIN;
   EXCEPTION
     WHEN duplicate_object OR unique_violation THEN NULL;
     WHEN insufficient_privilege THEN RAISE NOTICE 'role auto_registry_reader was not made: no privilege';
   END $$`,
  `DO $$ BEGIN
     IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'auto_registry_reader') THEN
       EXECUTE format('GRANT USAGE ON SCHEMA %I TO auto_registry_reader', current_schema());
       EXECUTE format('GRANT SELECT ON ALL TABLES IN SCHEMA %I TO auto_registry_reader', current_schema());
       EXECUTE format('ALTER DEFAULT PRIVILEGES IN SCHEMA %I GRANT SELECT ON TABLES TO auto_registry_reader', current_schema());
     END IF;
   END $$`,
]

module.exports = class Tables1795485600000 {
  name = 'Tables1795485600000'

  async up(db) {
    for (const statement of [...tables, ...constraints, ...indexes, ...reader]) {
      await db.query(statement)
    }
  }

  async down(db) {
    for (const name of tableNames()) await db.query(`DROP TABLE "${name}"`)
  }
}

function tableNames() {
  return tables.flatMap((statement) => /^CREATE TABLE "(\w+)"/.exec(statement)?.[1] ?? [])
}
