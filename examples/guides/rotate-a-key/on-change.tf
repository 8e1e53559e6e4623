data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

resource "everflow_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]

  # Change a value to rotate.
  rotate_when_changed = {
    rotation = "2026-Q1"
  }

  # Creates the new key first. The old key is revoked after the resources that use the key have the new one.
  lifecycle {
    create_before_destroy = true
  }
}

# Stands for a resource that uses the key. It is changed before the old key is revoked.
resource "terraform_data" "partner_portal" {
  input = everflow_api_key.partner_portal.key_sha256
}
