@echo off
rem Starts the studio from this checkout: packaging\run [ARGUMENTS OF studio]. The first start sets everything up.
setlocal
set "here=%~dp0"
set "venv=%here%..\.venv\Scripts\python.exe"
if exist "%venv%" (
    "%venv%" "%here%setup_env.py" base --check && goto start
)
set "searcher="
for %%p in ("py -3" python3 python) do if not defined searcher (
    %%~p -c "import ctypes, json, sys; sys.exit(sys.version_info < (3, 8))" >nul 2>&1 && set "searcher=%%~p"
)
if not defined searcher (
    echo There is no Python on this machine. Install Python 3.12 or newer from python.org. 1>&2
    exit /b 2
)
%searcher% "%here%setup_env.py" base || exit /b
:start
"%venv%" -P -m studio %*
