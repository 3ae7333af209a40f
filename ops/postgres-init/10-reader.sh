#!/bin/sh
# Runs once, on an empty volume: the login of the API. Migrations grant reading to the group role.
set -eu
psql -v ON_ERROR_STOP=1 -U "$POSTGRES_USER" -d "$POSTGRES_DB" -v password="$READER_PASSWORD" <<'SQL'
create role auto_registry_reader nologin;
create role auto_registry_api login password :'password' in role auto_registry_reader;
SQL
