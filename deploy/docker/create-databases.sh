#!/bin/sh
# Run by the postgres image when its data folder is empty: one database and one role for each service.
set -eu
for service in identity activities review enrolment credits reporting; do
    password=$(cat "/run/secrets/database-password-$service")
    psql -v ON_ERROR_STOP=1 --username postgres -v role="cec_$service" -v password="$password" <<'SQL'
CREATE ROLE :"role" LOGIN PASSWORD :'password';
CREATE DATABASE :"role" OWNER :"role";
REVOKE CONNECT, TEMPORARY ON DATABASE :"role" FROM PUBLIC;
SQL
done
psql -v ON_ERROR_STOP=1 --username postgres --command 'REVOKE CONNECT ON DATABASE postgres FROM PUBLIC'
