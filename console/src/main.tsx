/** Starts the console: words, look, session, pages. */
import { StyleProvider } from "@ant-design/cssinjs";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { ApiError, begin } from "./api/client";
import { isLive, startLive, useFeed } from "./api/live";
import { left, useSession } from "./api/session";
import { SignIn } from "./frame/SignIn";
import { lookOf, useTheme } from "./frame/theme";
import { Failure } from "./parts/Failure";
import { Pages } from "./Pages";
import { startWords, useWords } from "./words";
import "./style.css";

startWords();

const questions = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 1_000,
      retry: (count, error) => count < 2 && error instanceof ApiError && (error.problem.retryable ?? false),
      refetchOnWindowFocus: () => !isLive(),
    },
  },
});

startLive(questions);

function Console() {
  const { phase } = useSession();
  useFeed();
  const { language } = useWords();
  const { dark } = useTheme();
  const [error, setError] = useState<unknown>(null);
  useEffect(() => {
    begin()
      .then((isIn) => (isIn ? undefined : left()))
      .catch(setError);
  }, []);
  useEffect(() => {
    if (phase === "out") questions.clear(); // nothing of one person is shown to the next
  }, [phase]);
  return (
    <StyleProvider layer>
      <ConfigProvider
        theme={lookOf(dark)}
        locale={language === "zh" ? zh : en}
        wave={{ disabled: true }}
        button={{ autoInsertSpace: false }}
        getPopupContainer={() => document.getElementById("over")!}
      >
        {error !== null ? <Failure error={error} again={() => window.location.reload()} /> : phase === "out" ? <SignIn /> : phase !== "asking" && <Pages />}
      </ConfigProvider>
    </StyleProvider>
  );
}

createRoot(document.getElementById("root")!).render(
  <StrictMode>
    <QueryClientProvider client={questions}>
      <Console />
    </QueryClientProvider>
  </StrictMode>,
);
