// Set-up by the one-time link, login, and login again over whatever was open.
import { useEffect, useRef, useState } from 'preact/hooks';
import { Failure, station, type Me } from './api';
import { lang, t, type TextKey } from './i18n';

export function faultText(error: unknown): string {
  if (error instanceof Failure && error.fault) {
    if (error.fault.code === 'no_session') return ''; // the login that opens over the page says it
    return lang() === 'zh' ? error.fault.message_zh : error.fault.message_en;
  }
  return t('error.network');
}

interface FieldProps {
  label: TextKey;
  hint?: TextKey;
  type?: string;
  name: string;
  autocomplete: string;
  value: string;
  onValue: (value: string) => void;
  focus?: boolean;
}

function Field({ label, hint, type = 'text', name, autocomplete, value, onValue, focus }: FieldProps) {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    if (focus) input.current?.focus();
  }, [focus]);
  return (
    <label class="field">
      <span>{t(label)}</span>
      <input ref={input} type={type} name={name} autocomplete={autocomplete} value={value} required
             autocapitalize="none" spellcheck={false}
             aria-describedby={hint ? `${name}-hint` : undefined}
             onInput={(e) => onValue(e.currentTarget.value)} />
      {hint && <small id={`${name}-hint`}>{t(hint)}</small>}
    </label>
  );
}

function Brand() {
  return (
    <div class="brand-big">
      <strong>{t('app')}</strong>
      <span>{t('app.tagline')}</span>
    </div>
  );
}

export function LoginForm({ ended, onDone }: { ended: boolean; onDone: (me: Me) => void }) {
  const [name, setName] = useState('');
  const [password, setPassword] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState('');
  const [pending, setPending] = useState(false);
  useEffect(() => {
    station.start().then((s) => setPending(s.setup_pending), () => undefined);
  }, []);
  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    setBusy(true);
    setFault('');
    try {
      onDone(await station.login(name.trim(), password));
    } catch (error) {
      setFault(faultText(error));
    }
    setBusy(false);
  };
  return (
    <form class="card" onSubmit={submit} aria-labelledby="login-title">
      {!ended && <Brand />}
      <h1 id="login-title" class={ended ? 'for-readers' : ''}>{t('login.title')}</h1>
      {ended && <p class="note">{t('login.ended')}</p>}
      {pending && <p class="note">{t('login.pending')}</p>}
      <Field label="login.name" name="username" autocomplete="username" value={name} onValue={setName} focus />
      <Field label="login.password" type="password" name="password" autocomplete="current-password"
             value={password} onValue={setPassword} />
      {fault && <p class="fault" role="alert">{fault}</p>}
      <button class="primary wide" type="submit" aria-disabled={busy}>{t(busy ? 'login.busy' : 'login.go')}</button>
    </form>
  );
}

export function SetupForm({ token, onDone }: { token: string; onDone: (me: Me) => void }) {
  const [name, setName] = useState('admin');
  const [password, setPassword] = useState('');
  const [again, setAgain] = useState('');
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState(token ? '' : t('setup.no_token'));
  const submit = async (e: Event) => {
    e.preventDefault();
    if (busy) return;
    if (password !== again) {
      setFault(t('setup.differ'));
      return;
    }
    setBusy(true);
    setFault('');
    try {
      onDone(await station.setup(token, name.trim(), password));
    } catch (error) {
      setFault(faultText(error));
    }
    setBusy(false);
  };
  return (
    <form class="card" onSubmit={submit} aria-labelledby="setup-title">
      <Brand />
      <h1 id="setup-title">{t('setup.title')}</h1>
      <p class="note">{t('setup.lead')}</p>
      <Field label="setup.name" hint="setup.name.hint" name="username" autocomplete="username" value={name} onValue={setName} />
      <Field label="setup.password" hint="setup.password.hint" type="password" name="new-password"
             autocomplete="new-password" value={password} onValue={setPassword} focus />
      <Field label="setup.again" type="password" name="again" autocomplete="new-password" value={again} onValue={setAgain} />
      {fault && <p class="fault" role="alert">{fault}</p>}
      <button class="primary wide" type="submit" aria-disabled={busy}>{t('setup.go')}</button>
    </form>
  );
}
