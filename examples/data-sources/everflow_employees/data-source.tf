data "everflow_employees" "all" {}

data "everflow_api_keys" "active" {
  status = "active"
}

locals {
  inactive = [for employee in data.everflow_employees.all.employees : employee.network_employee_id if employee.account_status != "active"]
}

# Keys that should have been revoked when their owner left.
output "keys_of_inactive_employees" {
  value = [for key in data.everflow_api_keys.active.api_keys : key.name if contains(local.inactive, key.network_employee_id)]
}
