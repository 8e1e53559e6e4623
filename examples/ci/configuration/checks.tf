# A failed check is a warning in each plan and apply. These checks use the list as it is
# after the apply. To refuse a whitelist instead, put the same condition into a
# precondition of the resource.

variable "must_be_let_in" {
  description = "Addresses that the whitelist has to let in, by name."
  type        = map(string)
  default     = { office_gateway = "198.51.100.7" }
}

variable "must_be_kept_out" {
  description = "Addresses that the whitelist must not let in, by name."
  type        = map(string)
  default     = { old_office = "192.0.2.66" }
}

locals {
  kept_out = [
    for name, ip in var.must_be_let_in : "${name} (${ip})"
    if !provider::everflow::ip_allowed(everflow_api_whitelist.this.ip_addresses, ip)
  ]
  let_in = [
    for name, ip in var.must_be_kept_out : "${name} (${ip})"
    if provider::everflow::ip_allowed(everflow_api_whitelist.this.ip_addresses, ip)
  ]
}

check "whitelist_lets_in" {
  assert {
    condition     = length(local.kept_out) == 0
    error_message = "The API whitelist keeps out: ${join(", ", local.kept_out)}."
  }
}

check "whitelist_keeps_out" {
  assert {
    condition     = length(local.let_in) == 0
    error_message = "The API whitelist lets in: ${join(", ", local.let_in)}."
  }
}
