package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// source is what stands in the package's files: its structs, its string constants, and which struct is which frame.
type source struct {
	protocol string
	structs  map[string]*ast.StructType
	docs     map[string]string
	names    []string          // of the structs, in the order of files and lines
	strings  map[string]string // constants
	types    map[string]string // struct -> the value of its field "type"
	frames   []string          // structs that the server says
	commands []string          // structs that a client says
}

// read parses the Go files of a folder, without its tests.
func read(dir string) (*source, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	src := &source{structs: map[string]*ast.StructType{}, docs: map[string]string{}, strings: map[string]string{}, types: map[string]string{}}
	var methods []*ast.FuncDecl
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		file, err := parser.ParseFile(token.NewFileSet(), filepath.Base(name), text, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return nil, err
		}
		methods = append(methods, src.declarations(file)...)
	}
	for _, m := range methods {
		if err := src.method(m); err != nil {
			return nil, err
		}
	}
	if src.protocol = src.strings["Protocol"]; src.protocol == "" {
		return nil, fmt.Errorf("%s has no constant Protocol", dir)
	}
	return src, nil
}

// declarations takes in the structs and constants of a file, and returns its methods, which may name constants of others.
func (s *source) declarations(file *ast.File) []*ast.FuncDecl {
	var methods []*ast.FuncDecl
	for _, decl := range file.Decls {
		switch decl := decl.(type) {
		case *ast.FuncDecl:
			if decl.Recv != nil {
				methods = append(methods, decl)
			}
		case *ast.GenDecl:
			for _, spec := range decl.Specs {
				switch spec := spec.(type) {
				case *ast.TypeSpec:
					s.typ(decl, spec)
				case *ast.ValueSpec:
					s.constant(decl, spec)
				}
			}
		}
	}
	return methods
}

func (s *source) typ(decl *ast.GenDecl, spec *ast.TypeSpec) {
	st, ok := spec.Type.(*ast.StructType)
	if !ok {
		return
	}
	doc := spec.Doc
	if doc == nil {
		doc = decl.Doc
	}
	s.structs[spec.Name.Name] = st
	s.docs[spec.Name.Name] = doc.Text()
	s.names = append(s.names, spec.Name.Name)
}

func (s *source) constant(decl *ast.GenDecl, spec *ast.ValueSpec) {
	if decl.Tok != token.CONST {
		return
	}
	for i, name := range spec.Names {
		if i >= len(spec.Values) {
			return
		}
		if text, ok := literal(spec.Values[i]); ok {
			s.strings[name.Name] = text
		}
	}
}

func literal(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	text, err := strconv.Unquote(lit.Value)
	return text, err == nil
}

// method learns from FrameType and CommandType which struct is which frame. Their bodies are one return of a constant.
func (s *source) method(m *ast.FuncDecl) error {
	name := m.Name.Name
	if name != "FrameType" && name != "CommandType" {
		return nil
	}
	receiver := m.Recv.List[0].Type
	if star, ok := receiver.(*ast.StarExpr); ok {
		receiver = star.X
	}
	of, ok := receiver.(*ast.Ident)
	if !ok || s.structs[of.Name] == nil {
		return fmt.Errorf("%s is a method of what is no struct", name)
	}
	typ := ""
	if len(m.Body.List) == 1 {
		if ret, ok := m.Body.List[0].(*ast.ReturnStmt); ok && len(ret.Results) == 1 {
			if id, ok := ret.Results[0].(*ast.Ident); ok {
				typ = s.strings[id.Name]
			}
		}
	}
	if typ == "" {
		return fmt.Errorf("%s.%s does not return one string constant of the package", of.Name, name)
	}
	s.types[of.Name] = typ
	if name == "FrameType" {
		s.frames = append(s.frames, of.Name)
	} else {
		s.commands = append(s.commands, of.Name)
	}
	return nil
}
