package provider

import (
	datasourceschema "github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	resourceschema "github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/booldefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/int64planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// stableString is a computed attribute of a resource that an update leaves as it is.
func stableString(description string) resourceschema.StringAttribute {
	return resourceschema.StringAttribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.String{stringplanmodifier.UseStateForUnknown()},
	}
}

// stableInt64 is a computed attribute of a resource that an update leaves as it is.
func stableInt64(description string) resourceschema.Int64Attribute {
	return resourceschema.Int64Attribute{
		MarkdownDescription: description,
		Computed:            true,
		PlanModifiers:       []planmodifier.Int64{int64planmodifier.UseStateForUnknown()},
	}
}

// boolWithDefault is an optional attribute of a resource.
func boolWithDefault(value bool, description string) resourceschema.BoolAttribute {
	return resourceschema.BoolAttribute{MarkdownDescription: description, Optional: true, Computed: true, Default: booldefault.StaticBool(value)}
}

// computedString is a computed attribute of a data source, as are the next three.
func computedString(description string) datasourceschema.StringAttribute {
	return datasourceschema.StringAttribute{MarkdownDescription: description, Computed: true}
}

func computedInt64(description string) datasourceschema.Int64Attribute {
	return datasourceschema.Int64Attribute{MarkdownDescription: description, Computed: true}
}

func computedBool(description string) datasourceschema.BoolAttribute {
	return datasourceschema.BoolAttribute{MarkdownDescription: description, Computed: true}
}

func computedStringSet(description string) datasourceschema.SetAttribute {
	return datasourceschema.SetAttribute{MarkdownDescription: description, Computed: true, ElementType: types.StringType}
}
