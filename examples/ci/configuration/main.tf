terraform {
  required_providers {
    everflow = {
      source = "everflow-community/everflow"
    }
  }

  # The state has the secrets of the keys. Use a backend that the pipeline and few
  # others can read, for example:
  # backend "s3" {}
}

# The pipeline sets EVERFLOW_API_KEY.
provider "everflow" {
  egress_ip_addresses = var.pipeline_ip_addresses
}

variable "pipeline_ip_addresses" {
  description = "The addresses that the pipeline's runners call from."
  type        = set(string)
  default     = ["203.0.113.10"]
}

variable "admitted" {
  description = "Who else may call the API: addresses and CIDR ranges by name."
  type        = map(string)
  default = {
    office      = "198.51.100.0/24"
    data_center = "2001:db8:40::/48"
  }
}

resource "everflow_api_whitelist" "this" {
  ip_addresses = setunion(var.pipeline_ip_addresses, values(var.admitted))
}

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
