/** Light or dark: the reader's choice, at first what their system says. */
import { theme as antd, type ThemeConfig } from "antd";
import { useSyncExternalStore } from "react";

const STORED = "modelyard.theme";
const listeners = new Set<() => void>();
let dark = (localStorage.getItem(STORED) ?? (matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light")) === "dark";
document.documentElement.classList.toggle("dark", dark);

export function setDark(next: boolean): void {
  dark = next;
  localStorage.setItem(STORED, next ? "dark" : "light");
  document.documentElement.classList.toggle("dark", next);
  listeners.forEach((listener) => listener());
}

export function useTheme(): { dark: boolean } {
  const now = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => dark,
  );
  return { dark: now };
}

export function lookOf(isDark: boolean): ThemeConfig {
  return {
    algorithm: isDark ? antd.darkAlgorithm : antd.defaultAlgorithm,
    hashed: false,
    token: {
      colorPrimary: isDark ? "#8ba2ff" : "#3354d6",
      ...(!isDark && { colorPrimaryHover: "#2945b8" }), // darker: white words on the library's lighter shade cannot be read
      colorBgBase: isDark ? "#171b23" : "#ffffff",
      colorTextBase: isDark ? "#e7eaf0" : "#161b26",
      colorTextPlaceholder: isDark ? "#98a1b0" : "#626b7a",
      colorTextDescription: isDark ? "#a9b2c0" : "#525b6a",
      colorBorder: isDark ? "#3a4250" : "#d3d8e0",
      colorBgContainer: isDark ? "#171b23" : "#ffffff",
      colorBgElevated: isDark ? "#1d222c" : "#ffffff",
      colorError: isDark ? "#ff8a82" : "#b3261e",
      borderRadius: 6,
      fontFamily: "inherit",
      motion: false,
    },
    // what is pointed at keeps its contrast: the library's own shade of it is too light for small text
    components: { Button: isDark ? { primaryColor: "#0f1218" } : { defaultHoverColor: "#3354d6" } },
  };
}
