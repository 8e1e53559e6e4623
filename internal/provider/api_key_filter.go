package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	listschema "github.com/hashicorp/terraform-plugin-framework/list/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/everflow-community/terraform-provider-everflow/internal/everflow"
)

// apiKeyFilterModel are the filters that the data source and the list resource of
// API keys have in common; embed it.
type apiKeyFilterModel struct {
	Status            types.String `tfsdk:"status"`
	NetworkEmployeeID types.Int64  `tfsdk:"network_employee_id"`
	NameContains      types.String `tfsdk:"name_contains"`
	NotUsedSince      types.String `tfsdk:"not_used_since"`
}

// toAPI is the filter as the client takes it.
func (m apiKeyFilterModel) toAPI() everflow.APIKeyFilter {
	since, _ := time.Parse(time.RFC3339, m.NotUsedSince.ValueString()) // validated; no time when null
	return everflow.APIKeyFilter{
		Status:       m.Status.ValueString(),
		EmployeeID:   m.NetworkEmployeeID.ValueInt64(),
		NameContains: m.NameContains.ValueString(),
		NotUsedSince: since,
	}
}

// Each filter is written down once, for schemas of two kinds.
var (
	statusFilter = schema.StringAttribute{
		MarkdownDescription: "Only keys of this status: `active` or `revoked`.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.OneOf(everflow.StatusActive, everflow.StatusRevoked)},
	}
	employeeFilter = schema.Int64Attribute{
		MarkdownDescription: "Only keys of this employee.",
		Optional:            true,
		CustomType:          idType{},
	}
	nameFilter = schema.StringAttribute{
		MarkdownDescription: "Only keys whose name contains this text. Upper and lower case make no difference.",
		Optional:            true,
		Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
	}
	useFilter = schema.StringAttribute{
		MarkdownDescription: "Only keys that were not used at or after this time (RFC 3339), keys never used included.",
		Optional:            true,
		Validators:          []validator.String{timeValidator},
	}
)

func dataSourceFilters() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"status": statusFilter, "network_employee_id": employeeFilter, "name_contains": nameFilter, "not_used_since": useFilter,
	}
}

func listFilters() map[string]listschema.Attribute {
	text := func(filter schema.StringAttribute) listschema.StringAttribute {
		return listschema.StringAttribute{MarkdownDescription: filter.MarkdownDescription, Optional: true, Validators: filter.Validators}
	}
	return map[string]listschema.Attribute{
		"status": text(statusFilter),
		"network_employee_id": listschema.Int64Attribute{
			MarkdownDescription: employeeFilter.MarkdownDescription, Optional: true, CustomType: employeeFilter.CustomType,
		},
		"name_contains":  text(nameFilter),
		"not_used_since": text(useFilter),
	}
}
