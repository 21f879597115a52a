# Shell functions that ./run and ./check share: what must be installed, and how to build.
# Sourced with $top set to the top of the source tree, and used from there.

say() {
	echo "$*" >&2
}

cores() {
	nproc 2>/dev/null || echo 2
}

# Each line: how to see that it is there (command or pkg-config name), and Debian's package for it.
# (glib is for chafa alone: Debian's libchafa-dev does not bring it.)
build_tools='
command autoreconf autoconf
command automake automake
command autopoint autopoint
command msgfmt gettext
command gcc gcc
command make make
command pkg-config pkg-config
file /usr/include/stdio.h libc6-dev
module chafa libchafa-dev
file /usr/include/gif_lib.h libgif-dev
file /usr/include/libstemmer.h libstemmer-dev
file /usr/include/unictype.h libunistring-dev
module expat libexpat1-dev
module fribidi libfribidi-dev
module glib-2.0 libglib2.0-dev
module gnutls libgnutls28-dev
module gpgme libgpgme-dev
module jansson libjansson-dev
module libcurl libcurl4-gnutls-dev
module libjpeg libjpeg-dev
module libpng libpng-dev
module libseccomp libseccomp-dev
module libgsasl libgsasl-dev
module libidn2 libidn2-dev
module libutf8proc libutf8proc-dev
module libwebp libwebp-dev
module ncursesw libncurses-dev
module nettle nettle-dev
module sqlite3 libsqlite3-dev
module uchardet libuchardet-dev
module zlib zlib1g-dev
'
test_tools='
file /usr/lib/dovecot/imap dovecot-imapd
file /usr/lib/dovecot/lmtp dovecot-lmtpd
file /usr/lib/dovecot/pop3 dovecot-pop3d
file /usr/lib/dovecot/submission dovecot-submissiond
file /usr/lib/dovecot/modules/auth/libmech_gssapi.so dovecot-gssapi
command git git
command gpg gnupg
command gpgsm gpgsm
command ip iproute2
file /usr/sbin/kadmin.local krb5-admin-server
file /usr/sbin/krb5kdc krb5-kdc
command kinit krb5-user
command mandoc mandoc
command mbsync isync
command mutt mutt
command nm binutils
command openssl openssl
command pkill procps
file /usr/sbin/postfix postfix
command python3 python3
command script bsdutils
module cmocka libcmocka-dev
module vterm libvterm-dev
'

is_there() {
	case $1 in
	command) command -v "$2" >/dev/null 2>&1 ;;
	module) pkg-config --exists "$2" 2>/dev/null ;;
	file) [ -e "$2" ] ;;
	esac
}

# Prints the packages of the table in $1 that are missing.
missing_of() {
	echo "$1" | while read -r kind name package; do
		[ -z "$kind" ] || is_there "$kind" "$name" || printf ' %s' "$package"
	done
}

# Without a terminal sudo must not wait for a password.
as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif [ -t 0 ]; then
		sudo "$@"
	else
		sudo -n "$@"
	fi
}

how_by_hand() {
	say "Please install these by hand, then start this again:"
	say "   $1"
	exit 1
}

# Debian starts the servers that it installs, now and at each boot. Tests start their own, in their own folders: none
# is to run because of us. install_quietly PACKAGE...
install_quietly() {
	as_root env DEBIAN_FRONTEND=noninteractive sh -c '
		policy=/usr/sbin/policy-rc.d
		[ -e $policy ] || { made=yes && printf "#!/bin/sh\nexit 101\n" >$policy && chmod 755 $policy; }
		command -v debconf-set-selections >/dev/null 2>&1 &&
			echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
		apt-get -qq -y --no-install-recommends install "$@"
		status=$?
		[ -z "$made" ] || rm -f $policy
		case " $* " in *" dovecot-"*) systemctl -q disable dovecot.socket dovecot.service 2>/dev/null ;; esac
		case " $* " in *" postfix "*) systemctl -q disable postfix.service 2>/dev/null ;; esac
		case " $* " in *" krb5-"*) systemctl -q disable krb5-kdc.service krb5-admin-server.service 2>/dev/null ;; esac
		exit $status' sh "$@"
}

install_packages() {
	command -v apt-get >/dev/null 2>&1 || how_by_hand "$1 (Debian's names)"
	if [ "$(id -u)" != 0 ]; then
		command -v sudo >/dev/null 2>&1 || how_by_hand "apt-get install$1"
		say "Installing needs an administrator: sudo may ask for your password."
	fi
	say "Installing from Debian:$1"
	as_root apt-get -qq update >&2 || say "The list of packages could not be refreshed; trying with the old one."
	install_quietly $1 >"${TMPDIR:-/tmp}/tern-apt.$$" 2>&1 </dev/null || {
		tail -5 "${TMPDIR:-/tmp}/tern-apt.$$" >&2
		rm -f "${TMPDIR:-/tmp}/tern-apt.$$"
		how_by_hand "apt-get install$1"
	}
	rm -f "${TMPDIR:-/tmp}/tern-apt.$$"
}

need() {
	missing=$(missing_of "$1")
	[ -z "$missing" ] || install_packages "$missing"
}

need_build_tools() {
	need "$build_tools"
}

need_test_tools() {
	need "$test_tools"
}

# Cyrus cannot be installed beside Dovecot: its packages are unpacked into DIR. Tests with it are left out where that
# does not work.
cyrus_packages='cyrus-common cyrus-imapd cyrus-pop3d cyrus-caldav'
cyrus_libraries='sasl2-bin libsasl2-modules libical3 libxapian30 libclamav12 libnghttp2-14 libshp2 libzephyr4 libwrap0
libpcre3 libpq5 libldap-2.5-0 libbrotli1 libicu72'

unpack_packages() {
	dir=$1
	shift
	rm -rf "$dir.new"
	mkdir -p "$dir.new/debs"
	(cd "$dir.new/debs" && apt-get -qq download "$@" && for deb in *.deb; do dpkg-deb -x "$deb" .. || exit 1; done) &&
		rm -rf "$dir.new/debs" && mv "$dir.new" "$dir"
}

are_installed() {
	for package; do
		[ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || return 1
	done
}

try_cyrus() {
	command -v dpkg-query >/dev/null 2>&1 || return 0
	{ are_installed $cyrus_libraries || install_quietly $cyrus_libraries; } >/dev/null 2>&1 </dev/null &&
		{ [ -d "$1" ] || unpack_packages "$1" $cyrus_packages; } >/dev/null 2>&1 && return 0
	rm -rf "$1.new"
	say "Cyrus is not here and could not be fetched; the tests with it are left out."
}

step() {
	"$@" >>"$log" 2>&1 </dev/null || {
		say "That failed: $*  (in $PWD). The last lines of $log:"
		tail -25 "$log" >&2
		return 1
	}
}

# The first build in DIR; later ones notice by themselves what changed.
configure_in() {
	say "Building Tern in ./$1; the first time takes a minute or two."
	[ -x configure ] || step autoreconf --install || return 1
	dir=$1
	shift
	(cd "$dir" && step ../configure --silent "$@") || return 1
}

# build DIR CONFIGURE-ARGUMENTS...: DIR holds programs built from what lies here now. One at a time.
build() {
	mkdir -p "$1"
	log=$top/$1/log
	(
		command -v flock >/dev/null 2>&1 && flock 9
		: >"$log"
		[ -f "$1/Makefile" ] || configure_in "$@" || exit 1
		step make -C "$1" -s -j "$(cores)"
	) 9>"$1/lock"
}
