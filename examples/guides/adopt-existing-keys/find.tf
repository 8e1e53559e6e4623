data "everflow_api_keys" "legacy" {
  status        = "active"
  name_contains = "Legacy API Key"
}

# For the import: terraform output -json legacy_keys
output "legacy_keys" {
  value = {
    for key in data.everflow_api_keys.legacy.api_keys : key.id => {
      name                = key.name
      network_employee_id = key.network_employee_id
      permissions         = key.permissions
      all_permissions     = key.all_permissions
    }
  }
}

# Keys that were not used since the start of 2024, or never: revoke them.
data "everflow_api_keys" "forgotten" {
  status         = "active"
  not_used_since = "2024-01-01T00:00:00Z"
}

output "forgotten_keys" {
  value = { for key in data.everflow_api_keys.forgotten.api_keys : key.id => key.name }
}
