data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

locals {
  contractors = {
    "Data migration" = { permissions = ["Reporting"], until = "2099-03-31T00:00:00Z" }
    "Old importer"   = { permissions = ["Offers"], until = "2024-06-30T00:00:00Z" }
  }
}

# The first apply after the time revokes the key, which cannot be undone.
resource "everflow_api_key" "contractor" {
  for_each = { for name, key in local.contractors : name => key if timecmp(plantimestamp(), key.until) < 0 }

  name                = each.key
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = each.value.permissions
}
