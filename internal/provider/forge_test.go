package provider_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// forge stands in for GitHub and GitLab as far as their commands, gh and glab, are used
// in the recipes. It is kept in a file, since each command is a process of its own.
type forge struct {
	Issues   []forgeIssue
	Comments []forgeComment // of request 7
	// Head is the last commit of request 7's branch, MergedAs the one that merged it.
	Head, MergedAs string
	// Calls are the commands, without their texts.
	Calls []string
}

type forgeIssue struct {
	Number      int
	Open        bool
	Title, Body string
	Label       string
	Comments    []string
}

type forgeComment struct {
	ID   int
	By   string
	Body string
}

const (
	// forgeFile is the variable that says where the forge is kept.
	forgeFile = "TEST_FORGE_FILE"
	ourBot    = "github-actions[bot]"
)

// isForgeCommand reports whether this process was started as gh or glab.
func isForgeCommand() bool {
	name := filepath.Base(os.Args[0])
	return name == "gh" || name == "glab"
}

// runForgeCommand answers one call. One that no recipe is known to make fails.
func runForgeCommand() int {
	path := os.Getenv(forgeFile)
	var f forge
	content, err := os.ReadFile(path)
	if err == nil {
		err = json.Unmarshal(content, &f)
	}
	if err == nil {
		if filepath.Base(os.Args[0]) == "gh" {
			err = f.github(os.Args[1:])
		} else {
			err = f.gitlab(os.Args[1:])
		}
	}
	if err == nil {
		content, err = json.Marshal(f)
	}
	if err == nil {
		err = os.WriteFile(path, content, 0o600)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", filepath.Base(os.Args[0]), err)
		return 1
	}
	return 0
}

// match compares a call with a pattern, in which <> stands for one argument.
func match(args []string, pattern string, into ...*string) bool {
	words := strings.Fields(pattern)
	if len(words) != len(args) {
		return false
	}
	var found []string
	for i, word := range words {
		before, after, hole := strings.Cut(word, "<>")
		middle, ok := strings.CutPrefix(args[i], before)
		middle, ok2 := strings.CutSuffix(middle, after)
		if !ok || !ok2 || !hole && middle != "" {
			return false
		}
		if hole {
			found = append(found, middle)
		}
	}
	for i := range into {
		*into[i] = found[i]
	}
	return true
}

func (f *forge) called(args ...string) { f.Calls = append(f.Calls, strings.Join(args, " ")) }

func (f *forge) issue(number string) (*forgeIssue, error) {
	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(f.Issues) {
		return nil, fmt.Errorf("there is no issue %q", number)
	}
	return &f.Issues[n-1], nil
}

func printJSON(value any) error { return json.NewEncoder(os.Stdout).Encode(value) }

// bodyIn reads a text of JSON's body or description.
func bodyIn(file string) (fields map[string]string, err error) {
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return fields, json.Unmarshal(content, &fields)
}

func (f *forge) github(args []string) error {
	if os.Getenv("GH_TOKEN") == "" {
		return errors.New("GH_TOKEN is not set")
	}
	var number, title, file, body, commit string
	switch {
	case match(args, "issue list --label everflow-drift --state all --limit 1000 --json number,state,body"):
		list := []map[string]any{}
		for _, issue := range f.Issues {
			if issue.Label == "everflow-drift" {
				list = append(list, map[string]any{"number": issue.Number, "state": map[bool]string{true: "OPEN", false: "CLOSED"}[issue.Open], "body": issue.Body})
			}
		}
		return printJSON(list)
	case match(args, "label create everflow-drift --description <> --force", &title):
		return nil
	case match(args, "issue create --title <> --label everflow-drift --body-file <>", &title, &file):
		content, err := os.ReadFile(file)
		f.called("create")
		f.Issues = append(f.Issues, forgeIssue{Number: len(f.Issues) + 1, Open: true, Title: title, Label: "everflow-drift", Body: string(content)})
		return err
	case match(args, "issue edit <> --body-file <>", &number, &file):
		issue, err := f.issue(number)
		if err != nil {
			return err
		}
		content, err := os.ReadFile(file)
		issue.Body = string(content)
		f.called("edit", number)
		return err
	case match(args, "issue close <>", &number), match(args, "issue reopen <>", &number):
		issue, err := f.issue(number)
		if err != nil {
			return err
		}
		issue.Open = args[1] == "reopen"
		f.called(args[1], number)
		return nil
	case match(args, "issue comment <> --body <>", &number, &body):
		issue, err := f.issue(number)
		if err != nil {
			return err
		}
		issue.Comments = append(issue.Comments, body)
		f.called("comment", number)
		return nil
	case match(args, "api repos/acme/everflow/issues/7/comments?per_page=100 --paginate"):
		list := []map[string]any{}
		for _, comment := range f.Comments {
			list = append(list, map[string]any{"id": comment.ID, "body": comment.Body, "user": map[string]string{"login": comment.By}})
		}
		return printJSON(list)
	case match(args, "api --method POST repos/acme/everflow/issues/7/comments --input <>", &file):
		return f.comment("", file, ourBot)
	case match(args, "api --method PATCH repos/acme/everflow/issues/comments/<> --input <>", &number, &file):
		return f.comment(number, file, ourBot)
	case match(args, "api repos/acme/everflow/commits/<>/pulls", &commit):
		list := []map[string]any{}
		if commit == f.MergedAs {
			list = append(list, map[string]any{"number": 7, "merged_at": "2026-01-31T12:00:00Z", "merge_commit_sha": f.MergedAs, "head": map[string]string{"sha": f.Head}})
		}
		return printJSON(list)
	}
	return fmt.Errorf("unknown call: %q", args)
}

func (f *forge) gitlab(args []string) error {
	if os.Getenv("GITLAB_TOKEN") == "" {
		return errors.New("GITLAB_TOKEN is not set")
	}
	var number, file, commit string
	if end := len(args) - 4; end > 0 && slices.Equal(args[end:end+3], []string{"--header", "Content-Type: application/json", "--input"}) {
		args, file = args[:end], args[end+3]
	}
	switch {
	case match(args, "api projects/42/issues?labels=everflow-drift&per_page=100"):
		list := []map[string]any{}
		for _, issue := range f.Issues {
			list = append(list, map[string]any{"iid": issue.Number, "state": map[bool]string{true: "opened", false: "closed"}[issue.Open], "description": issue.Body})
		}
		return printJSON(list)
	case file != "" && match(args, "api --method POST projects/42/issues"):
		fields, err := bodyIn(file)
		f.called("create")
		f.Issues = append(f.Issues, forgeIssue{Number: len(f.Issues) + 1, Open: true, Title: fields["title"], Label: fields["labels"], Body: fields["description"]})
		return errors.Join(err, printJSON(map[string]string{"web_url": "https://gitlab.example.com/acme/everflow/-/issues/1"}))
	case file != "" && match(args, "api --method PUT projects/42/issues/<>", &number):
		issue, err := f.issue(number)
		if err != nil {
			return err
		}
		fields, err := bodyIn(file)
		issue.Body = fields["description"]
		f.called("edit", number)
		if event := fields["state_event"]; event != "" {
			issue.Open = event == "reopen"
			f.called(event, number)
		}
		return errors.Join(err, printJSON(map[string]string{"web_url": "https://gitlab.example.com/acme/everflow/-/issues/" + number}))
	case file != "" && match(args, "api --method POST projects/42/issues/<>/notes", &number):
		issue, err := f.issue(number)
		if err != nil {
			return err
		}
		fields, err := bodyIn(file)
		issue.Comments = append(issue.Comments, fields["body"])
		f.called("comment", number)
		return err
	case match(args, "api user"):
		return printJSON(map[string]any{"id": 3, "username": ourBot})
	case match(args, "api projects/42/merge_requests/7/notes?per_page=100 --paginate"):
		list := []map[string]any{}
		for _, comment := range f.Comments {
			by := 3
			if comment.By != ourBot {
				by = 4
			}
			list = append(list, map[string]any{"id": comment.ID, "body": comment.Body, "author": map[string]any{"id": by}})
		}
		return printJSON(list)
	case file != "" && match(args, "api --method POST projects/42/merge_requests/7/notes"):
		return f.comment("", file, ourBot)
	case file != "" && match(args, "api --method PUT projects/42/merge_requests/7/notes/<>", &number):
		return f.comment(number, file, ourBot)
	case match(args, "api projects/42/repository/commits/<>/merge_requests", &commit):
		list := []map[string]any{}
		if commit == f.MergedAs {
			list = append(list, map[string]any{"iid": 7, "state": "merged", "sha": f.Head})
		}
		return printJSON(list)
	}
	return fmt.Errorf("unknown call: %q", args)
}

func (f *forge) comment(id, file, by string) error {
	fields, err := bodyIn(file)
	if err != nil {
		return err
	}
	f.called("comment on request", id)
	if id == "" {
		f.Comments = append(f.Comments, forgeComment{ID: len(f.Comments) + 1, By: by, Body: fields["body"]})
		return nil
	}
	for i := range f.Comments {
		if strconv.Itoa(f.Comments[i].ID) == id {
			f.Comments[i].Body = fields["body"]
		}
	}
	return nil
}
