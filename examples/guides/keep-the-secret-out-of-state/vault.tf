data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

resource "everflow_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]
  store_key_in_state  = false

  lifecycle {
    create_before_destroy = true
  }
}

# The secret in the run that creates the key, and null in every other run.
ephemeral "everflow_api_key_secret" "partner_portal" {
  api_key_id = everflow_api_key.partner_portal.id
}

# The version is the key's ID, so that this is written in the run that has the secret. The
# empty text stands for a missing secret; Vault's provider refuses to write it.
resource "vault_kv_secret_v2" "partner_portal" {
  mount = "secret"
  name  = "everflow/partner-portal"

  data_json_wo = (ephemeral.everflow_api_key_secret.partner_portal.key == null ? "" :
  jsonencode({ api_key = ephemeral.everflow_api_key_secret.partner_portal.key }))
  data_json_wo_version = everflow_api_key.partner_portal.id
}

# Reads it back. The precondition below stops the plan if Vault does not have
# the key's secret.
ephemeral "vault_kv_secret_v2" "partner_portal" {
  mount    = "secret"
  mount_id = vault_kv_secret_v2.partner_portal.id # reads after the first write
  name     = "everflow/partner-portal"
}

output "partner_portal_key_id" {
  value = everflow_api_key.partner_portal.id

  precondition {
    condition     = sha256(jsondecode(ephemeral.vault_kv_secret_v2.partner_portal.data_json).api_key) == everflow_api_key.partner_portal.key_sha256
    error_message = "Vault does not have the secret of the key. Create a new key: terraform apply -replace=everflow_api_key.partner_portal"
  }
}
