data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

# Rotated every 90 days. The old key works for another two days: give the new key to the
# systems that use it within that time.
resource "everflow_rotating_api_key" "data_warehouse" {
  name                = "Data warehouse"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Affiliates", "Offers", "Reporting"]

  rotate_after = "2160h"
  overlap      = "48h"

  # Change a value to rotate the key now, as after a leak.
  rotate_when_changed = {
    incident = "none"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# To read it: terraform output -raw data_warehouse_key
output "data_warehouse_key" {
  value     = everflow_rotating_api_key.data_warehouse.key
  sensitive = true
}

output "data_warehouse_key_rotates_at" {
  value = everflow_rotating_api_key.data_warehouse.rotate_at
}
