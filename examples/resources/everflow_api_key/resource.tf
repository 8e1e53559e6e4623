data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

data "everflow_role" "account_manager" {
  name = "Account Manager"
}

# The configuration lists what this key may do.
resource "everflow_api_key" "nightly_report" {
  name                = "Nightly partner report"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]

  lifecycle {
    create_before_destroy = true
  }
}

# This key has the permissions of a role. If the role gains or loses one, the next plan
# shows the change.
resource "everflow_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = data.everflow_role.account_manager.permissions

  lifecycle {
    create_before_destroy = true
  }
}

# One key for each integration.
resource "everflow_api_key" "integration" {
  for_each = {
    "CRM sync"      = ["Advertisers", "Affiliates"]
    "Offer catalog" = ["Offers"]
  }

  name                = each.key
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = each.value

  lifecycle {
    create_before_destroy = true
  }
}

# A change of the value replaces the key: the new one is created first, then the old one
# is revoked.
resource "everflow_api_key" "data_warehouse" {
  name                = "Data warehouse"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Affiliates", "Offers", "Reporting"]

  rotate_when_changed = {
    quarter = "2026-Q1"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# To read it: terraform output -raw nightly_report_key
output "nightly_report_key" {
  value     = everflow_api_key.nightly_report.key
  sensitive = true
}
