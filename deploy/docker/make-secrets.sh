#!/usr/bin/env bash
# Makes every secret that docker-compose.yml names, once, under deploy/docker/secrets (never committed).
set -euo pipefail
cd "$(dirname "$0")"
umask 077
mkdir -p secrets
services="identity activities review enrolment credits reporting"

random() { head -c 32 /dev/urandom | base64 | tr '+/' '-_' | tr -d '=\n'; }
secret() { [ -s "secrets/$1" ] || printf '%s' "${2:-$(random)}" >"secrets/$1"; }

secret postgres-password
secret broker-admin-password
secret broker-password
secret identity-secret-key
secret national-id-index-key
secret administrator-password
for service in $services; do
    secret "database-password-$service"
    secret "database-url-$service" "postgresql://cec_$service:$(cat "secrets/database-password-$service")@postgres:5432/cec_$service"
done
secret amqp-url "amqp://cec:$(cat secrets/broker-password)@rabbitmq:5672/cec"
secret amqp-public-url "amqp://cec:$(cat secrets/broker-password)@rabbitmq:5672/cec-public"
# The broker reads its accounts from a file at its first start; passwords stay out of the repository.
sed -e "s|@ADMIN_PASSWORD@|$(cat secrets/broker-admin-password)|" -e "s|@SERVICES_PASSWORD@|$(cat secrets/broker-password)|" \
    ../broker/definitions.template.json >secrets/broker-definitions.json
# Inside containers other users read these; the folder itself stays closed to others on this machine.
chmod 644 secrets/*
echo "secrets are in deploy/docker/secrets"
