data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

resource "everflow_api_key" "link_checker" {
  name                = "Link checker of ${data.everflow_employee.platform.full_name}"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Offers"]

  lifecycle {
    create_before_destroy = true
  }
}
