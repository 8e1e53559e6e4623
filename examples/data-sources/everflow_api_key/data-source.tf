# By name, among the active keys.
data "everflow_api_key" "account_manager" {
  name = "Legacy API Key (Mia Manager)"
}

# By ID, active or revoked.
data "everflow_api_key" "platform" {
  id = "1"
}

output "account_manager_may" {
  value = data.everflow_api_key.account_manager.permissions
}

output "platform_key_last_used_at" {
  value = data.everflow_api_key.platform.last_used_at
}
