/** What stands around every page: navigation in the order of the chain, the top bar, and the door that closes above when a session ends. */
import { Dropdown } from "antd";
import { useEffect, useRef, useState } from "react";
import { Link, NavLink, Outlet, useLocation, useNavigate } from "react-router";
import { useQueryClient } from "@tanstack/react-query";
import icon from "@/icon.svg";
import { api } from "@/api/client";
import { goTo, left, useSession } from "@/api/session";
import { speak, useWords } from "@/words";
import { UndoOffer } from "@/parts/Undo";
import { Again } from "./Again";
import { Bell, Liveness } from "./Bell";
import { Palette } from "./Palette";
import { GROUPS } from "./pages";
import { setDark, useTheme } from "./theme";

export function Frame() {
  const { t } = useWords();
  const [searching, setSearching] = useState(false);
  const main = useRef<HTMLElement>(null);
  const { pathname } = useLocation();
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        setSearching(true);
      }
    };
    window.addEventListener("keydown", pressed);
    return () => window.removeEventListener("keydown", pressed);
  }, []);
  useEffect(() => {
    window.scrollTo(0, 0); // answers a promise where scrolling is smooth: never to be taken for a clean-up
  }, [pathname]);
  return (
    <div className="app">
      <a className="skip" href="#main" onClick={(event) => (event.preventDefault(), main.current?.focus())}>
        {t("frame.skip")}
      </a>
      <Top search={() => setSearching(true)} />
      <Side />
      <main id="main" ref={main} tabIndex={-1}>
        <Outlet />
      </main>
      <Palette open={searching} close={() => setSearching(false)} />
      <Again />
      <UndoOffer />
    </div>
  );
}

function Side() {
  const { t } = useWords();
  const { me } = useSession();
  return (
    <nav className="side" aria-label={t("frame.navigation")}>
      <div>
      {GROUPS.map((group) => (
        <div key={group.name ?? "home"}>
          {group.name && <h2>{t(group.name)}</h2>}
          {group.places
            .filter((place) => !place.administrator || me?.user.administrator)
            .map((place) => (
              <NavLink key={place.to} to={place.to} end={place.to === "/"}>
                {t(place.name)}
              </NavLink>
            ))}
        </div>
      ))}
      </div>
    </nav>
  );
}

function Top({ search }: { search: () => void }) {
  const { t } = useWords();
  return (
    <header className="top">
      <Link className="brand" to="/">
        <img src={icon} alt="" />
        {t("frame.brand")}
      </Link>
      <Spaces />
      <button type="button" className="search" onClick={search}>
        <span>{t("frame.search_for")}</span>
        <kbd>Ctrl K</kbd>
      </button>
      <div className="icons">
        <Liveness />
        <Bell />
        <LanguageSwitch />
        <ThemeSwitch />
        <Person />
      </div>
    </header>
  );
}

function Spaces() {
  const { t } = useWords();
  const { me, space } = useSession();
  const questions = useQueryClient();
  const navigate = useNavigate();
  const places = me?.places ?? [];
  const here = places.find((place) => place.project_space_id === space);
  const go = (id: string) => {
    goTo(id);
    questions.clear();
    void navigate("/");
  };
  const items = places.map((place) => ({ key: place.project_space_id, label: place.space_name }));
  return (
    <Dropdown menu={{ items, selectedKeys: [space], onClick: ({ key }) => go(key) }} trigger={["click"]}>
      <button type="button" className="space">
        {t("frame.space")} <bdi>{here?.space_name ?? t("frame.no_space")}</bdi> ▾
      </button>
    </Dropdown>
  );
}

export function LanguageSwitch() {
  const { t, language } = useWords();
  const other = language === "zh" ? "en" : "zh";
  return (
    <button type="button" className="plain" onClick={() => speak(other)} aria-label={t("frame.language")}>
      {language === "zh" ? "EN" : "中文"}
    </button>
  );
}

export function ThemeSwitch() {
  const { t } = useWords();
  const { dark } = useTheme();
  return (
    <button type="button" className="plain" onClick={() => setDark(!dark)} aria-label={t(dark ? "frame.light" : "frame.dark")}>
      <svg viewBox="0 0 16 16" aria-hidden="true">
        <circle cx="8" cy="8" r="6" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <path d="M8 2a6 6 0 0 1 0 12z" fill="currentColor" />
      </svg>
    </button>
  );
}

function Person() {
  const { t } = useWords();
  const { me } = useSession();
  const navigate = useNavigate();
  const questions = useQueryClient();
  const name = me?.user.name || me?.user.account || "";
  const out = async () => {
    await api.POST("/api/v1/auth/sign-out", { body: {} });
    questions.clear();
    left();
  };
  const items = [
    { key: "who", label: t("frame.signed_in_as", { name }), disabled: true },
    { key: "password", label: t("frame.password") },
    { key: "out", label: t("frame.sign_out") },
  ];
  return (
    <Dropdown menu={{ items, onClick: ({ key }) => void (key === "out" ? out() : navigate("/account")) }} trigger={["click"]}>
      <button type="button" className="me" aria-label={t("frame.me", { name })}>
        {[...name][0]?.toUpperCase()}
      </button>
    </Dropdown>
  );
}
