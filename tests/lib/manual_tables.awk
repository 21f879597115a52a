# Turns "tern --dump-tables", sorted by its first two fields, into mdoc: -v want=commands, keys, options, fields or patterns.
# Fields of a line, tabs between them:
#	command  NAME  ARGUMENTS  HELP
#	key      VIEW  KEYS  LINE  "global" or nothing
#	field    NUMBER  NAMES  ARGUMENT  HELP
#	pattern  NUMBER  NAME  ARGUMENT  HELP
#	option   SECTION  NAME  TYPE  DEFAULT  HELP  CHOICES
BEGIN { FS = "\t" }

function escaped(text) {
	gsub(/\\/, "\\e", text)
	gsub(/"/, "\\(dq", text)
	return text
}

# A word of its own: never a macro, never a delimiter.
function word(text) {
	return "\\&" escaped(text)
}

# A line of running text.
function plain(text) {
	text = escaped(text)
	return text ~ /^[.']/ ? "\\&" text : text
}

function open_list(title, width) {
	if (title == now)
		return
	if (now != "")
		print ".El"
	now = title
	print ".Ss " title
	print ".Bl -tag -width " width (want == "keys" ? " -compact" : "")
}

$1 == "command" && want == "commands" {
	if (now == "") { now = "x"; print ".Bl -tag -width Ds" }
	if ($2 == last_name) { # the same name in another view
		if ($4 != last_help)
			print ".br\n" plain($4)
		next
	}
	last_name = $2
	last_help = $4
	n = split($3, args, " ")
	line = ".It Ic " word($2)
	for (i = 1; i <= n; i++)
		line = line " Ar " word(args[i])
	print line
	print plain($4)
}

# A key that works everywhere comes once for each view: it is kept for the last list.
$1 == "key" && want == "keys" && $5 == "global" {
	if (!($3 in everywhere)) {
		everywhere[$3] = $4
		order[++keys] = $3
	}
	next
}

$1 == "key" && want == "keys" {
	open_list("In the view " $2, "Backspace")
	print ".It Ic " word($3)
	print plain($4)
}

$1 == "option" && want == "options" {
	open_list("Section [" $2 "]", "Ds")
	kind = $7 != "" ? $7 : $4
	gsub(/ /, " | ", kind)
	print ".It Ic " word($3) " Ns = Ns Ar " word(kind)
	print plain($6)
	if ($5 != "")
		print "Default: " plain($5)
}

$1 == "field" && want == "fields" {
	if (now == "") { now = "x"; print ".Bl -tag -width Ds" }
	n = split($3, names, " ")
	print ".It Cm " word(names[1] ":") " Ns Ar " word($4)
	print plain($5)
	if (n > 1) {
		line = ""
		for (i = 2; i <= n; i++)
			line = line (i > 2 ? " " : "") names[i] ":"
		print "(also " escaped(line) ")"
	}
}

$1 == "pattern" && want == "patterns" {
	if (now == "") { now = "x"; print ".Bl -tag -width Ds -compact" }
	print ".It Cm " word($3) ($4 != "" ? " Ar " word($4) : "")
	print plain($5)
}

END {
	for (i = 1; i <= keys; i++) {
		open_list("Everywhere", "Backspace")
		print ".It Ic " word(order[i])
		print plain(everywhere[order[i]])
	}
	if (now != "") print ".El"
}
