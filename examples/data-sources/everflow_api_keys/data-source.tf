# Active keys from before Everflow's Security section.
data "everflow_api_keys" "legacy" {
  status        = "active"
  name_contains = "Legacy API Key"
}

# Keys that nothing has used since the start of 2025.
data "everflow_api_keys" "forgotten" {
  status         = "active"
  not_used_since = "2025-01-01T00:00:00Z"
}

# Every key of one employee, revoked keys included.
data "everflow_employee" "leaver" {
  email = "lee.leaver@example.com"
}

data "everflow_api_keys" "leaver" {
  network_employee_id = data.everflow_employee.leaver.network_employee_id
}

# By ID, which an import needs.
output "legacy_keys" {
  value = { for key in data.everflow_api_keys.legacy.api_keys : key.id => key.name }
}

output "forgotten_keys" {
  value = data.everflow_api_keys.forgotten.api_keys[*].name
}

output "leaver_has_active_keys" {
  value = contains(data.everflow_api_keys.leaver.api_keys[*].status, "active")
}
