@echo off
rem remove [--yes]: bring every file back to what it was before keeplit, start nothing at logon any more, and remove the
rem program with what installed it. Nothing is removed while a file could not be given back.
setlocal
set "PATH=%PATH%;%USERPROFILE%\.local\bin"
set "answer="
if "%~1"=="--yes" set "answer=y"
if not defined answer set /p "answer=Bring all files back to what they were before keeplit, and remove it? [y/N] "
if /i not "%answer%"=="y" (
    echo Nothing was done. Where nobody can be asked: remove --yes 1>&2
    exit /b 1
)
where /q keeplit.exe && (keeplit.exe uninstall --yes || exit /b 1)
set "with="
where /q uv.exe && uv tool list 2>nul | findstr /b /c:"keeplit " >nul && set "with=uv tool uninstall keeplit"
where /q pipx.exe && pipx list --short 2>nul | findstr /b /c:"keeplit " >nul && set "with=pipx uninstall keeplit"
if defined with %with% || exit /b 1
if not defined with where keeplit.exe 2>nul && echo remove: now remove this program with what installed it 1>&2
exit /b 0
