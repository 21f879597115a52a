# Signing in by OAuth2 against Dovecot, which asks our own server of tokens whether one is good: with a browser that comes
# back to this computer, with a code, renewed before the end and once when refused, taken away.
. "${top_srcdir:?is unset; run it by make check TESTS=...}/tests/lib/tap.sh"
. "$top_srcdir/tests/lib/servers.sh"
. "$top_srcdir/tests/lib/dovecot.sh"
command -v python3 >/dev/null || skip_all "python3 is not installed"
has_dovecot || skip_all "dovecot is not installed"
make_ca
tokens=$tap_dir/tokens
mkdir -p "$tokens"
python3 "$top_srcdir/tests/lib/oauth_server.py" "$tokens" "$ca/cert.pem" "$ca/cert.key.pem" 2>"$tokens/said" &
tokens_pid=$!
wait_for 10 test -s "$tokens/oauth.port" || skip_all "the server of tokens does not start"
oauth_port=$(cat "$tokens/oauth.port")
cat >"$tap_dir/oauth2.conf" <<-C
	introspection_url = http://127.0.0.1:$(cat "$tokens/introspect.port")/introspect?token=
	introspection_mode = get
	username_attribute = user
	username_format = %Ln
	active_attribute = active
	active_value = true
C
chmod 644 "$tap_dir/oauth2.conf"
DOVECOT_MECHANISMS='plain oauthbearer xoauth2'
DOVECOT_MORE="passdb {
 driver = oauth2
 mechanisms = oauthbearer xoauth2
 args = $tap_dir/oauth2.conf
}"
start_dovecot || skip_all "dovecot does not start here, or knows no OAuth2"
trap 'kill $tokens_pid; stop_dovecot; tap_end' EXIT
fresh_home
mkdir -p "$TERN_HOME/config"

account() { # [SETTING]...
	cat >"$TERN_HOME/config/config" <<-C
		[account work]
		kind = imap
		address = bob@$server_domain
		user = bob
		server = localhost:$imaps_port
		ca = $ca/ca.pem
		oauth-client-id = tern-test
		oauth-authorize-url = https://localhost:$oauth_port/authorize
		oauth-token-url = https://localhost:$oauth_port/token
		oauth-device-url = https://localhost:$oauth_port/device
		oauth-scope = mail
	C
	printf '%s\n' "$@" >>"$TERN_HOME/config/config"
}
check() {
	tern account check work 2>&1
}
no_worker() {
	! grep -lszF "worker" $(processes_of | sed 's,.*,/proc/&/cmdline,') </dev/null
}
asked() {
	cat "$tokens/log" 2>/dev/null
	rm -f "$tokens/log"
}
account
export BROWSER="python3 $top_srcdir/tests/lib/oauth_server.py browse $ca/ca.pem"

like "without a token it says what to do" "$(check)" 'tern account authorize work'
said=$(timeout 60 tern account authorize work 2>&1)
like "a browser signs in" "$said" '"work" is signed in'
like "with PKCE, a state and our own port" "$said" 'redirect_uri=http%3A%2F%2F127.0.0.1%3A[0-9]+%2F&scope=mail&state=[A-Za-z0-9_-]{43}&code_challenge=[A-Za-z0-9_-]{43}&code_challenge_method=S256'
is "who does not know the state is sent away" "$(cat "$tokens/stranger")" 404
is "the tokens are nobody else's to read" "$(stat -c %a "$TERN_HOME/data/tokens/work")" 600
like "Dovecot takes the token" "$(check)" 'Signed in as bob by OAUTHBEARER'
asked >/dev/null
account "auth = XOAUTH2"
like "and by the older way" "$(check)" 'Signed in as bob by XOAUTH2'
is "a token that is good is used again" "$(asked)" ""
account

ok "mail is fetched with it" tern sync work
stop_agents
echo other >"$tokens/valid"
like "refused soon after it was made: no third try, and what to do" "$(check | tr '\n' ' ')" 'refused it.*To do: .*tern account authorize'
is "no server of tokens was asked" "$(asked)" ""
sed -i 's/"obtained":[0-9]*/"obtained":1/' "$TERN_HOME/data/tokens/work"
like "refused later: a new one, once" "$(check)" 'Signed in as bob'
is "with the refresh token" "$(asked)" "/token refresh_token"
sed -i 's/"expires":[0-9]*/"expires":1/' "$TERN_HOME/data/tokens/work"
like "one that is over is renewed before it is used" "$(check)" 'Signed in as bob'
is "again with the refresh token, which was changed meanwhile" "$(asked)" "/token refresh_token"

# A server of tokens takes the old refresh token away when it gives a new one.
stop_agents
sed -i 's/"expires":[0-9]*/"expires":1/' "$TERN_HOME/data/tokens/work"
echo late >"$tokens/mood"
tern sync work >/dev/null 2>&1 &
ok "a new token is asked for" wait_for 20 grep -q refresh_token "$tokens/log"
kill "$(cat "$TERN_HOME/run/ternd.lock")"
wait $!
ok "told to end meanwhile, the worker ends" wait_for 10 no_worker
rm -f "$tokens/mood" "$tokens/log"
like "and what the server gave is kept" "$(check)" 'Signed in as bob'
is "without asking for more" "$(asked)" ""

echo down >"$tokens/mood"
sed -i 's/"expires":[0-9]*/"expires":1/' "$TERN_HOME/data/tokens/work"
status_is "no server of tokens: later" 75 tern account check work
echo revoked >"$tokens/mood"
like "taken away: what to do" "$(check)" 'Token has been .*revoked.*tern account authorize work'
unlike "its words move no cursor" "$(check)" $'\x1b'
unlike "no password is asked for" "$(check)" 'Password'
rm "$tokens/mood"

said=$(timeout 60 tern account authorize work --device 2>&1)
like "a code for another device" "$said" 'WDJB-MJHT'
like "works too" "$said" '"work" is signed in'
like "and Dovecot takes that token" "$(check)" 'Signed in as bob'
sed -i 's/^address = .*/address = eve@example.test/' "$TERN_HOME/config/config"
like "to an account of its name with another address it is none" "$(check)" 'tern account authorize work'
account
like "to its own it is" "$(check)" 'Signed in as bob'
mkdir -p "$TERN_HOME/data/passwords"
echo old >"$TERN_HOME/data/passwords/work"
ok "an account goes" tern account remove work
is "with all that signed in to it" "$(ls "$TERN_HOME/data/tokens/work" "$TERN_HOME/data/passwords/work" 2>/dev/null)" ""
account "oauth-client-id = nobody"
like "a client id that is wrong" "$(timeout 60 tern account authorize work 2>&1)" 'invalid_client'
account "oauth-token-url = http://localhost:$oauth_port/token"
like "nothing but HTTPS" "$(timeout 60 tern account authorize work 2>&1)" 'only addresses with https'
unlike "PROMISES 54: no token in the log" "$(cat "$TERN_HOME/state/log")" 'access-|refresh-[0-9]'
finish
