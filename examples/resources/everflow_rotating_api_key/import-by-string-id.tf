import {
  to = everflow_rotating_api_key.account_manager
  id = "2,2160h,24h" # the key's ID, rotate_after and overlap
}

data "everflow_employee" "account_manager" {
  email = "mia.manager@example.com"
}

# A key from before Everflow's Security section. If it is older than rotate_after,
# the apply that imports it rotates it. The old key works until the end of the overlap.
resource "everflow_rotating_api_key" "account_manager" {
  name                = "Legacy API Key (Mia Manager)"
  network_employee_id = data.everflow_employee.account_manager.network_employee_id
  permissions         = ["Affiliates", "Offers"]
  rotate_after        = "2160h"

  lifecycle {
    create_before_destroy = true
  }
}
