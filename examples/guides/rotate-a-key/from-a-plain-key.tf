# Before: resource "everflow_api_key" "partner_portal", without rotate_after and overlap.
resource "everflow_rotating_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = 2
  permissions         = ["Reporting"]
  rotate_after        = "2160h"
  overlap             = "168h"

  lifecycle {
    create_before_destroy = true
  }
}

moved {
  from = everflow_api_key.partner_portal
  to   = everflow_rotating_api_key.partner_portal
}
