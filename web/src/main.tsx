// The page: who is there decides what is shown.
import { render } from 'preact';
import { useCallback, useEffect, useState } from 'preact/hooks';
import { Failure, keepToken, station, whenSessionEnds, type Me } from './api';
import { Board } from './board';
import { Dialog } from './dialog';
import { applyLang, lang, setLang, t } from './i18n';
import { Shape } from './icons';
import { faultText, LoginForm, SetupForm } from './session';
import './style.css';

/** The one-time link is /#/setup?token=...: what stands after # never leaves the browser by itself. */
function setupToken(): string | null {
  const m = /^#\/setup(?:\?token=([0-9a-f]*))?$/.exec(location.hash);
  return m ? (m[1] ?? '') : null;
}

type Who = { kind: 'asking' } | { kind: 'nobody' } | { kind: 'unreachable'; text: string } | { kind: 'known'; me: Me };

function LangButton({ onChange }: { onChange: () => void }) {
  const other = lang() === 'zh' ? 'en' : 'zh';
  return (
    <button class="lang" lang={other} aria-label={t('lang.switch')} onClick={() => { setLang(other); onChange(); }}>
      {t('lang.other')}
    </button>
  );
}

function App() {
  const [who, setWho] = useState<Who>({ kind: 'asking' });
  const [ended, setEnded] = useState(false);
  const [live, setLive] = useState(false);
  const [, redraw] = useState(0);
  const settingUp = setupToken() !== null;

  const ask = useCallback(async () => {
    setWho({ kind: 'asking' });
    try {
      const me = await station.me();
      keepToken(me.csrf);
      setWho({ kind: 'known', me });
    } catch (error) {
      const out = error instanceof Failure && error.status === 401;
      setWho(out ? { kind: 'nobody' } : { kind: 'unreachable', text: faultText(error) });
    }
  }, []);
  useEffect(() => {
    applyLang();
    if (settingUp) setWho({ kind: 'nobody' });
    else void ask();
  }, [ask, settingUp]);
  useEffect(() => {
    whenSessionEnds(() => setEnded(true));
    const onHash = () => {
      if (setupToken() !== null) location.reload(); // the link was put into an open page
    };
    window.addEventListener('hashchange', onHash);
    return () => window.removeEventListener('hashchange', onHash);
  }, []);

  const enter = (me: Me) => {
    keepToken(me.csrf);
    if (settingUp) {
      location.replace('/');
      return;
    }
    setEnded(false);
    setWho({ kind: 'known', me });
  };
  const leave = async () => {
    try {
      await station.logout();
    } catch {
      // gone already, or unreachable: either way nobody is logged in on this page any more
    }
    keepToken('');
    setWho({ kind: 'nobody' });
    setEnded(false);
  };

  const language = <LangButton onChange={() => redraw((n) => n + 1)} />;
  if (who.kind !== 'known') {
    return (
      <div class="gate">
        <div class="gate-lang">{language}</div>
        {who.kind === 'asking' && <p class="loading">…</p>}
        {who.kind === 'unreachable' && (
          <div class="card"><p class="fault" role="alert">{who.text}</p><button class="primary wide" onClick={() => void ask()}>{t('retry')}</button></div>
        )}
        {who.kind === 'nobody' && (settingUp
          ? <SetupForm token={setupToken() ?? ''} onDone={enter} />
          : <LoginForm ended={false} onDone={enter} />)}
      </div>
    );
  }
  return (
    <>
      <header class="bar">
        <strong class="brand">{t('app')}</strong>
        <span class="page">{t('board.title')}</span>
        <span class={live ? 'live up' : 'live'} role="status"><Shape name="dot" />{t(live ? 'live.on' : 'live.off')}</span>
        <span class="spring" />
        <span class="me">{who.me.name}<small>{lang() === 'zh' ? who.me.role_zh : who.me.role_en}</small></span>
        {language}
        <button class="leave" onClick={() => void leave()}>{t('logout')}</button>
      </header>
      <Board me={who.me} onLive={setLive} />
      {ended && (
        <Dialog title={t('login.title')} onClose={() => undefined}>
          <LoginForm ended onDone={enter} />
        </Dialog>
      )}
    </>
  );
}

const root = document.getElementById('app');
if (root) render(<App />, root);
