package main

import (
	"fmt"
	"image"
	"image/color"
	"image/png"
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/charcoal-art/charcoal/internal/execengine"
)

// TestMain lets the scripts run the real program: the test binary is it, when
// it is called charcoal.
func TestMain(m *testing.M) {
	execengine.RunLimited(os.Args)
	testscript.Main(m, map[string]func(){"charcoal": main})
}

// TestScripts runs testdata/script. Each script is a document of what somebody
// at a terminal sees; start reading at draw.txtar.
func TestScripts(t *testing.T) {
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata/script",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"picture": picture,
			"server":  server,
			"status":  status,
		},
	})
}

// picture makes a PNG that is black on the left and white on the right:
//
//	picture FILE WIDTH HEIGHT
func picture(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) != 3 {
		ts.Fatalf("usage: picture FILE WIDTH HEIGHT")
	}
	var width, height int
	_, err := fmt.Sscan(args[1]+" "+args[2], &width, &height)
	ts.Check(err)
	img := image.NewGray(image.Rect(0, 0, width, height))
	for y := range height {
		for x := width / 2; x < width; x++ {
			img.SetGray(x, y, color.Gray{Y: 255})
		}
	}
	file, err := os.Create(ts.MkAbs(args[0]))
	ts.Check(err)
	ts.Check(png.Encode(file, img))
	ts.Check(file.Close())
}

// status runs a program that must end with an exit status:
//
//	status 2 charcoal serve --workers=many
func status(ts *testscript.TestScript, _ bool, args []string) {
	if len(args) < 2 {
		ts.Fatalf("usage: status NUMBER PROGRAM [ARG...]")
	}
	err := ts.Exec(args[1], args[2:]...)
	got := "0"
	if exit, ok := err.(interface{ ExitCode() int }); ok {
		got = fmt.Sprint(exit.ExitCode())
	} else if err != nil {
		ts.Fatalf("running %s: %v", args[1], err)
	}
	if got != args[0] {
		ts.Fatalf("the exit status is %s, want %s", got, args[0])
	}
}
