data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

# The first apply after 90 days rotates the key. The old key works for another week, and
# the first apply after that revokes it.
resource "everflow_rotating_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]
  rotate_after        = "2160h"
  overlap             = "168h"
  store_key_in_state  = false

  lifecycle {
    create_before_destroy = true
  }
}

# The run that rotates the key writes the secret to Vault. The systems that use the key
# have a week to read it there.
ephemeral "everflow_api_key_secret" "partner_portal" {
  api_key_id = everflow_rotating_api_key.partner_portal.id
}

resource "vault_kv_secret_v2" "partner_portal" {
  mount = "secret"
  name  = "everflow/partner-portal"

  data_json_wo = (ephemeral.everflow_api_key_secret.partner_portal.key == null ? "" :
  jsonencode({ api_key = ephemeral.everflow_api_key_secret.partner_portal.key }))
  data_json_wo_version = everflow_rotating_api_key.partner_portal.id
}

output "keys_that_still_work" {
  value = {
    for key in everflow_rotating_api_key.partner_portal.previous_keys :
    key.id => "revoked after ${key.revoke_at}"
  }
}
