data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

resource "everflow_api_key" "nightly_report" {
  name                = "Nightly partner report"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = ["Reporting"]

  lifecycle {
    create_before_destroy = true
  }
}

resource "everflow_api_whitelist" "this" {
  ip_addresses = ["203.0.113.10", "198.51.100.0/24"]
}

output "nightly_report_key" {
  value     = everflow_api_key.nightly_report.key
  sensitive = true
}
