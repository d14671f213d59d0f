"""An OpenID provider made of Authlib and Flask: client_secret_basic, PKCE, rotating refresh tokens, RFC 7009.

Arguments: port, client id, client secret, redirect URI. Prints `ready` when it listens.
"""
import logging
import os
import sys
import time

os.environ['AUTHLIB_INSECURE_TRANSPORT'] = '1'

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.jose import JsonWebKey
from authlib.oauth2.rfc6749 import AuthorizationCodeMixin, ClientMixin, OAuth2Error, TokenMixin, grants
from authlib.oauth2.rfc7009 import RevocationEndpoint
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oidc.core import UserInfo
from authlib.oidc.core.grants import OpenIDCode
from flask import Flask, jsonify, request
from werkzeug.serving import make_server

port, client_id, client_secret, redirect_uri = int(sys.argv[1]), *sys.argv[2:5]
issuer = f'http://127.0.0.1:{port}'
key = JsonWebKey.generate_key('RSA', 2048, {'kid': 'one', 'use': 'sig', 'alg': 'RS256'}, is_private=True)
codes, tokens, nonces = {}, [], set()


class Client(ClientMixin):
    def get_client_id(self):
        return client_id

    def get_default_redirect_uri(self):
        return redirect_uri

    def get_allowed_scope(self, scope):
        return ' '.join(word for word in scope.split() if word in ('openid', 'profile', 'email'))

    def check_redirect_uri(self, uri):
        return uri == redirect_uri

    def check_client_secret(self, secret):
        return secret == client_secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == 'client_secret_basic'

    def check_response_type(self, response_type):
        return response_type == 'code'

    def check_grant_type(self, grant_type):
        return grant_type in ('authorization_code', 'refresh_token')


class Code(AuthorizationCodeMixin):
    def __init__(self, asked):
        data = asked.data
        self.user, self.scope, self.redirect_uri = asked.user, asked.scope, asked.redirect_uri
        self.nonce, self.code_challenge = data.get('nonce'), data.get('code_challenge')
        self.code_challenge_method, self.auth_time = data.get('code_challenge_method'), int(time.time())

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return self.auth_time


class Token(TokenMixin):
    def __init__(self, token, user):
        self.user, self.revoked, self.access_revoked = user, False, False
        self.access, self.refresh, self.scope = token['access_token'], token.get('refresh_token'), token['scope']

    def check_client(self, client):
        return True

    def get_scope(self):
        return self.scope

    def get_expires_in(self):
        return 3600


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ['client_secret_basic']

    def save_authorization_code(self, code, asked):
        codes[code] = Code(asked)
        nonces.add(codes[code].nonce)

    def query_authorization_code(self, code, client):
        return codes.get(code)

    def delete_authorization_code(self, code):
        for name in [name for name, known in codes.items() if known is code]:
            del codes[name]

    def authenticate_user(self, code):
        return code.user


class RefreshGrant(grants.RefreshTokenGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ['client_secret_basic']
    INCLUDE_NEW_REFRESH_TOKEN = True

    def authenticate_refresh_token(self, text):
        return next((token for token in tokens if token.refresh == text and not token.revoked), None)

    def authenticate_user(self, credential):
        return credential.user

    def revoke_old_credential(self, credential):
        credential.revoked = credential.access_revoked = True


class Identity(OpenIDCode):
    def exists_nonce(self, nonce, asked):
        return nonce in nonces

    def get_jwt_config(self, grant):
        return {'key': key.as_dict(is_private=True), 'alg': 'RS256', 'iss': issuer, 'exp': 3600}

    def generate_user_info(self, user, scope):
        return UserInfo(sub=user, email=f'{user}@authlib.test', name=user)


class Revocation(RevocationEndpoint):
    CLIENT_AUTH_METHODS = ['client_secret_basic']

    def query_token(self, text, hint):
        return next((token for token in tokens if text in (token.refresh, token.access)), None)

    def revoke_token(self, token, asked):
        token.revoked = token.access_revoked = True


app = Flask(__name__)
app.config['OAUTH2_REFRESH_TOKEN_GENERATOR'] = True
app.config['OAUTH2_TOKEN_EXPIRES_IN'] = {'authorization_code': 3600}
server = AuthorizationServer(
    app,
    query_client=lambda wanted: Client() if wanted == client_id else None,
    save_token=lambda token, asked: tokens.append(Token(token, asked.user)),
)
server.register_grant(CodeGrant, [CodeChallenge(required=True), Identity(require_nonce=True)])
server.register_grant(RefreshGrant)
server.register_endpoint(Revocation)


@app.get('/.well-known/openid-configuration')
def metadata():
    return jsonify(
        issuer=issuer,
        authorization_endpoint=f'{issuer}/authorize',
        token_endpoint=f'{issuer}/token',
        revocation_endpoint=f'{issuer}/revoke',
        jwks_uri=f'{issuer}/keys',
        id_token_signing_alg_values_supported=['RS256'],
        response_types_supported=['code'],
        subject_types_supported=['public'],
    )


@app.get('/keys')
def keys():
    return jsonify(keys=[key.as_dict(is_private=False)])


@app.route('/authorize', methods=['GET', 'POST'])
def authorize():
    if request.method == 'POST':
        allowed = request.form.get('decision') == 'allow'
        return server.create_authorization_response(grant_user=request.form.get('username') if allowed else None)
    try:
        server.get_consent_grant()
    except OAuth2Error as error:
        return str(error), 400
    return (
        '<!doctype html><title>Sign in</title><form method="post"><input type="text" name="username" value="">'
        '<button name="decision" value="allow">Allow</button><button name="decision" value="deny">Deny</button></form>'
    )


@app.post('/token')
def token():
    return server.create_token_response()


@app.post('/revoke')
def revoke():
    return server.create_endpoint_response('revocation')


@app.get('/api/me')
def me():
    bearer = request.headers.get('Authorization', '').removeprefix('Bearer ')
    found = next((token for token in tokens if token.access == bearer and not token.access_revoked), None)
    return jsonify(user=found.user) if found else (jsonify(error='invalid_token'), 401)


logging.getLogger('werkzeug').setLevel(logging.ERROR)
listening = make_server('127.0.0.1', port, app, threaded=True)
print('ready', flush=True)
listening.serve_forever()
