resource "everflow_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = 2
  permissions         = ["Reporting"]
  store_key_in_state  = false

  lifecycle {
    create_before_destroy = true
  }
}

ephemeral "everflow_api_key_secret" "partner_portal" {
  api_key_id = everflow_api_key.partner_portal.id
}

resource "vault_kv_secret_v2" "partner_portal" {
  mount = "secret"
  name  = "everflow/partner-portal"

  data_json_wo = (ephemeral.everflow_api_key_secret.partner_portal.key == null ? "" :
  jsonencode({ api_key = ephemeral.everflow_api_key_secret.partner_portal.key }))
  data_json_wo_version = everflow_api_key.partner_portal.id
}
