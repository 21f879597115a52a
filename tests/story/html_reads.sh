# A letter in HTML that points at files and at hosts in every way we know: showing it opens no file but the letter, makes
# no connection, starts no program. Seen by strace, where there is one.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"

letter=$tap_dir/points.eml
{
	printf 'From: a@example.org\nSubject: points\nMIME-Version: 1.0\nContent-Type: text/html; charset=utf-8\n\n'
	cat <<'END'
<html><head><base href="http://127.0.0.1:9/base/"><link rel="stylesheet" href="file:///etc/hostname">
<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/refresh"><style>@import url(file:///etc/hostname);
body { background: url(http://127.0.0.1:9/body.png) } @font-face { src: url(file:///etc/hostname) }</style>
<script src="http://127.0.0.1:9/x.js"></script></head>
<body background="file:///etc/hostname"><p>Seen.</p><img src="file:///etc/hostname" alt="A file">
<img src="http://127.0.0.1:9/a.png"><img src="//127.0.0.1:9/b.png" width=1 height=1><img srcset="http://127.0.0.1:9/c.png 2x">
<iframe src="file:///etc/hostname"></iframe><object data="file:///etc/hostname"></object><embed src="file:///etc/hostname">
<video poster="http://127.0.0.1:9/p.png" src="file:///etc/hostname"></video><audio src="file:///etc/hostname"></audio>
<svg><image href="file:///etc/hostname"/><use xlink:href="http://127.0.0.1:9/u.svg#a"/></svg>
<form action="http://127.0.0.1:9/form"><input type=image src="file:///etc/hostname"></form>
<table background="http://127.0.0.1:9/t.png"><tr><td style="background:url('file:///etc/hostname')">Cell.</td></tr></table>
<a href="file:///etc/hostname" ping="http://127.0.0.1:9/ping">A file</a> <a href="http://127.0.0.1:9/">A host</a>
<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>&e;</body></html>
END
} >"$letter"

shown=$("$top_builddir/tests/html/html_dump" 80 "$letter")
like "it is shown" "$shown" "Seen\."
like "with its table" "$shown" "Cell\."
unlike "links to files are none" "$shown" "etc/hostname"

if strace -o "$tap_dir/probe" true 2>/dev/null; then
	# the sanitizers look at the program with ptrace when it ends, which strace does already
	ASAN_OPTIONS=detect_leaks=0 strace -f -s 200 -e trace=%network,%file,execve -o "$tap_dir/calls" \
		"$top_builddir/tests/html/html_dump" 80 "$letter" >/dev/null
	ok "strace saw it read the letter" grep -q "open.*points\.eml" "$tap_dir/calls"
	is "row 32: nothing is asked of the network" \
		"$(grep -E '(socket|connect|sendto|sendmsg|getaddrinfo)\(' "$tap_dir/calls")" ""
	is "row 32: no file is opened but the letter" "$(sed '1,/points\.eml/d' "$tap_dir/calls" |
		grep -E 'open' | grep -vE 'gconv|locale|\.so|\.mo"|/proc/self|ENOENT')" ""
	is "nor is a program started" "$(grep -c execve "$tap_dir/calls")" 1
else
	skip "what it asks of the system" "there is no strace that works"
fi
finish
