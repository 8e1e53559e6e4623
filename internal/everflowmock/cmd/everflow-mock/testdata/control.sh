#!/usr/bin/env bash
# A test without a library for the mock, in bash and curl. It controls the mock at $1
# through /_mock/, as the test of a program that calls Everflow would.
set -euo pipefail
mock=$1
key='X-Eflow-API-Key: everflow-mock-demo-key-not-a-secret'

control() { curl --silent --show-error --fail-with-body -X "$1" "$mock/_mock/$2" ${3:+--data "$3"}; }
api() { curl --silent -o /dev/null -w '%{http_code}' -X "$1" -H "$key" "$mock/v1/$2" ${3:+--data "$3"}; }
want() { # WHAT GOT WANT
  [[ $2 == "$3" ]] || { printf '%s: got %s, want %s\n' "$1" "$2" "$3"; exit 1; }
}
contains() { # WHAT TEXT PART
  [[ $2 == *"$3"* ]] || { printf '%s: %s does not contain %s\n' "$1" "$2" "$3"; exit 1; }
}

control GET health >/dev/null

# The program under test creates a key, and the answer is lost.
control POST faults '{"fault": "createApiKey reset after-acting times=1"}' >/dev/null
want 'the lost answer' "$(api POST networks/security/apikeys '{"name":"CI","network_employee_id":1,"is_all_permissions":true}' || true)" 000
contains 'the data' "$(control GET state)" '"name": "CI"'
contains 'the call' "$(control GET calls)" '"fault": "reset after acting"'
contains 'the fault' "$(control GET faults)" '"injected": 1'

# The API differs from the contract.
control POST differences '{"operation": "getApiWhitelist", "kind": "http-status", "value": "204"}' >/dev/null
want 'another status' "$(api GET networks/security/apiwhitelist)" 204
control DELETE differences >/dev/null
want 'the status' "$(api GET networks/security/apiwhitelist)" 200

# Somebody locks the program out in the web interface, and lets it in again.
control PUT web/networks/security/apiwhitelist '{"ip_addresses": ["198.51.100.7"]}' >/dev/null
want 'locked out' "$(api GET networks)" 403
control PUT web/networks/security/apiwhitelist '{"ip_addresses": []}' >/dev/null
want 'let in' "$(api GET networks)" 200

# The next test has data of its own.
control DELETE calls >/dev/null
want 'no calls' "$(control GET calls)" '[]'
control PUT seed '{"network": {"network_id": 7, "name": "Small"},
  "employees": [{"network_employee_id": 3, "first_name": "Ann", "email": "ann@example.com", "is_admin": true}],
  "api_keys": [{"network_api_key_id": 9, "name": "one", "network_employee_id": 3, "is_all_permissions": true,
    "api_key": "another-key-not-a-secret"}]}' >/dev/null
want 'the key of the old data' "$(api GET networks)" 401
control POST reset >/dev/null
want 'after the reset' "$(api GET networks)" 200
contains 'the contract' "$(control GET openapi.yaml)" 'openapi: 3'
