# What `make demo` applies to the bundled mock, where calls count as coming from
# 203.0.113.10. run.sh sets EVERFLOW_BASE_URL and EVERFLOW_API_KEY.

terraform {
  required_providers {
    everflow = {
      source = "everflow-community/everflow"
    }
  }
}

provider "everflow" {
  egress_ip_addresses = ["203.0.113.10"]
}

variable "whitelist" {
  description = "Where API calls are accepted from."
  type        = set(string)
  default = [
    "203.0.113.10",     # Terraform runs here
    "198.51.100.0/24",  # the office
    "2001:db8:40::/48", # the data center
  ]
}

data "everflow_employee" "platform" {
  email = "pat.platform@example.com"
}

data "everflow_role" "account_manager" {
  name = "Account Manager"
}

resource "everflow_api_key" "partner_portal" {
  name                = "Partner portal"
  network_employee_id = data.everflow_employee.platform.network_employee_id
  permissions         = data.everflow_role.account_manager.permissions

  lifecycle {
    create_before_destroy = true
  }
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
  ip_addresses = var.whitelist
}
