package main

import (
	"bytes"
	"fmt"
	"go/types"
	"slices"
	"strings"
)

// listing writes the exported names of a package, each on a line of its own with its type, sorted.
func listing(pkg *types.Package) []byte {
	l := lines{pkg: pkg}
	scope := pkg.Scope()
	for _, name := range scope.Names() {
		if object := scope.Lookup(name); object.Exported() {
			l.object(object)
		}
	}
	slices.Sort(l.all)
	var text bytes.Buffer
	fmt.Fprintf(&text, "package %s // import %q\n\n", pkg.Name(), pkg.Path())
	for _, line := range l.all {
		text.WriteString(line + "\n")
	}
	return text.Bytes()
}

type lines struct {
	pkg *types.Package
	all []string
}

func (l *lines) add(format string, args ...any) {
	l.all = append(l.all, fmt.Sprintf(format, args...))
}

func (l *lines) typ(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == l.pkg {
			return ""
		}
		return p.Path()
	})
}

func (l *lines) object(o types.Object) {
	switch o := o.(type) {
	case *types.Const:
		l.add("const %s %s = %s", o.Name(), l.typ(o.Type()), o.Val().ExactString())
	case *types.Var:
		l.add("var %s %s", o.Name(), l.typ(o.Type()))
	case *types.Func:
		l.add("func %s%s", o.Name(), l.signature(o.Type()))
	case *types.TypeName:
		l.typeName(o)
	}
}

func (l *lines) signature(t types.Type) string { return strings.TrimPrefix(l.typ(t), "func") }

func (l *lines) typeName(o *types.TypeName) {
	if o.IsAlias() {
		l.add("type %s = %s", o.Name(), l.typ(types.Unalias(o.Type())))
		return
	}
	name := l.typ(o.Type()) // with its type parameters
	switch t := o.Type().Underlying().(type) {
	case *types.Struct:
		l.add("type %s struct", name)
		for field := range t.Fields() {
			if field.Exported() {
				l.add("type %s struct, %s %s", name, field.Name(), l.typ(field.Type()))
			}
		}
		if hasHidden(t) {
			l.add("type %s struct, with hidden fields", name)
		}
	case *types.Interface:
		l.add("type %s interface", name)
		for method := range t.Methods() {
			l.add("type %s interface, %s%s", name, method.Name(), l.signature(method.Type()))
		}
	default:
		l.add("type %s %s", name, l.typ(t))
	}
	if !types.IsInterface(o.Type()) {
		l.methods(o)
	}
}

// hasHidden says whether a struct has fields that only its package can set: then nobody else can list its fields in order.
func hasHidden(t *types.Struct) bool {
	for field := range t.Fields() {
		if !field.Exported() {
			return true
		}
	}
	return false
}

// methods lists the method set of the pointer, promoted methods included, and which of them a value has.
func (l *lines) methods(o *types.TypeName) {
	ofValue := types.NewMethodSet(o.Type())
	for selection := range types.NewMethodSet(types.NewPointer(o.Type())).Methods() {
		method := selection.Obj()
		if !method.Exported() {
			continue
		}
		receiver := "*" + o.Name()
		if ofValue.Lookup(method.Pkg(), method.Name()) != nil {
			receiver = o.Name()
		}
		l.add("method (%s) %s%s", receiver, method.Name(), l.signature(selection.Type()))
	}
}
